import { promisify } from 'node:util';
import { crc32, deflateRaw } from 'node:zlib';
import { limits } from '#server/limits.ts';

/** A file of an archive. */
export interface ArchiveFile {
	readonly name: string;
	readonly bytes: Uint8Array;
}

/** What a ZIP says of each file twice: before its bytes, and in the list at the end. */
export interface FileHeader {
	readonly name: string;
	/** 0: as they are, 8: deflated. */
	readonly method: number;
	/** MS-DOS: the time in the low half, the date in the high one. */
	readonly time: number;
	readonly crc: number;
	readonly packed: number;
	readonly size: number;
	/** Where in the archive it begins. */
	readonly offset: number;
}

/** https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
export const signatures = { local: 0x04034b50, central: 0x02014b50, end: 0x06054b50 } as const;
export const sizes = { local: 30, central: 46, end: 22 } as const;
export const methods = { stored: 0, deflated: 8 } as const;
/** 2.0, the first with folders and deflate; names are UTF-8. */
const version = 20;
const flags = 0x800;
/** A file of Unix that its owner may write and everybody read. */
const madeOnUnix = 3 << 8;
const mode = 0o100644 * 2 ** 16;

/**
 * A ZIP archive of files as they come. `at` (epoch ms) is the time of all of them. None is packed tighter
 * than whoever reads archives believes: such a file is put in as it is.
 */
export async function* writeZip(
	files: AsyncIterable<ArchiveFile>,
	at: number,
): AsyncGenerator<Uint8Array> {
	const headers: FileHeader[] = [];
	let offset = 0;
	for await (const { name, bytes } of files) {
		const { method, packed } = await pack(bytes);
		const header = {
			...{ name, method, time: dosTime(at), crc: crc32(bytes), offset },
			...{ packed: packed.length, size: bytes.length },
		};
		headers.push(header);
		yield localHeader(header);
		yield packed;
		offset += sizes.local + Buffer.byteLength(name) + packed.length;
	}
	yield centralDirectory(headers, offset);
}

async function pack(bytes: Uint8Array): Promise<{ method: number; packed: Uint8Array }> {
	const packed = await promisify(deflateRaw)(bytes);
	const isBelievable = bytes.length <= packed.length * limits.bundleRatio;
	if (packed.length < bytes.length && isBelievable) return { method: methods.deflated, packed };
	return { method: methods.stored, packed: bytes };
}

/** The bytes in front of a file's content. */
export function localHeader(header: FileHeader): Uint8Array {
	const name = Buffer.from(header.name);
	const bytes = Buffer.alloc(sizes.local);
	bytes.writeUInt32LE(signatures.local, 0);
	writeCommon(bytes, 4, header);
	return Buffer.concat([bytes, name]);
}

/** The list of all files, with the archive's end. */
export function centralDirectory(headers: readonly FileHeader[], offset: number): Uint8Array {
	const list = Buffer.concat(headers.map(centralHeader));
	const end = Buffer.alloc(sizes.end);
	end.writeUInt32LE(signatures.end, 0);
	end.writeUInt16LE(headers.length, 8);
	end.writeUInt16LE(headers.length, 10);
	end.writeUInt32LE(list.length, 12);
	end.writeUInt32LE(offset, 16);
	return Buffer.concat([list, end]);
}

function centralHeader(header: FileHeader): Buffer {
	const bytes = Buffer.alloc(sizes.central);
	bytes.writeUInt32LE(signatures.central, 0);
	bytes.writeUInt16LE(madeOnUnix | version, 4);
	writeCommon(bytes, 6, header);
	bytes.writeUInt32LE(mode, 38);
	bytes.writeUInt32LE(header.offset, 42);
	return Buffer.concat([bytes, Buffer.from(header.name)]);
}

/** Version, flags, method, time, checksum, sizes, the name's length: the same in both headers. */
function writeCommon(bytes: Buffer, from: number, header: FileHeader): void {
	const { name, method, time, crc, packed, size } = header;
	bytes.writeUInt16LE(version, from);
	bytes.writeUInt16LE(flags, from + 2);
	bytes.writeUInt16LE(method, from + 4);
	bytes.writeUInt32LE(time, from + 6);
	bytes.writeUInt32LE(crc, from + 10);
	bytes.writeUInt32LE(packed, from + 14);
	bytes.writeUInt32LE(size, from + 18);
	bytes.writeUInt16LE(Buffer.byteLength(name), from + 22);
}

/** In UTC, to two seconds; MS-DOS knows no year before 1980. */
function dosTime(at: number): number {
	const date = new Date(at);
	const year = Math.min(Math.max(date.getUTCFullYear() - 1980, 0), 127);
	const day = (year << 9) | ((date.getUTCMonth() + 1) << 5) | date.getUTCDate();
	const seconds = Math.floor(date.getUTCSeconds() / 2);
	const time = (date.getUTCHours() << 11) | (date.getUTCMinutes() << 5) | seconds;
	return day * 2 ** 16 + time;
}
