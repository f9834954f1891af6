import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import { Refusal } from '#core/refusal.ts';
import { limits } from '#server/limits.ts';
import {
	centralDirectory,
	localHeader,
	methods,
	signatures,
	sizes,
	type FileHeader,
} from './zip.ts';

/**
 * The files of an archive as `writeZip` wrote it: every byte is accounted for, so that nothing hides in
 * it, lies twice in it or is other than it says. Sizes are counted while unpacking, not believed.
 * Throws a `Refusal`.
 */
export async function readZip(
	archive: Uint8Array,
	mayHold: (name: string) => boolean,
): Promise<ReadonlyMap<string, Uint8Array>> {
	if (archive.length > limits.bundleBytes) throw refusal('It is larger than 20 MiB.');
	const bytes = Buffer.from(archive.buffer, archive.byteOffset, archive.length);
	const headers = readDirectory(bytes);
	let left = Math.min(limits.bundleMostBytes, archive.length * limits.bundleRatio);
	const files = new Map<string, Uint8Array>();
	for (const header of headers) {
		if (!mayHold(header.name))
			throw refusal(`It holds a file that is none of ours: ${shown(header)}.`);
		if (files.has(header.name)) throw refusal(`It holds ${shown(header)} twice.`);
		const content = await unpack(bytes, header, left);
		left -= content.length;
		files.set(header.name, content);
	}
	return files;
}

function refusal(sentence: string): Refusal {
	return new Refusal('invalid', `This is not a bundle as Muster writes it. ${sentence}`);
}

function shown({ name }: FileHeader): string {
	return JSON.stringify(name.slice(0, 100));
}

/** The list at the end, with which the rest must agree to the byte. */
function readDirectory(bytes: Buffer): readonly FileHeader[] {
	const end = bytes.length - sizes.end;
	if (end < 0 || bytes.readUInt32LE(end) !== signatures.end) throw refusal('It is no whole ZIP.');
	const count = bytes.readUInt16LE(end + 10);
	if (count > limits.bundleFiles) throw refusal('It holds too many files.');
	const from = bytes.readUInt32LE(end + 16);
	const headers: FileHeader[] = [];
	let at = from;
	for (let i = 0; i < count; i++) {
		const header = readHeader(bytes, at);
		headers.push(header);
		at += sizes.central + Buffer.byteLength(header.name);
	}
	const isExact = centralDirectory(headers, from).length === bytes.length - from;
	if (!isExact || !bytes.subarray(from).equals(centralDirectory(headers, from))) {
		throw refusal('Its list of files is not as it should be.');
	}
	refuseGaps(bytes, headers, from);
	return headers;
}

function readHeader(bytes: Buffer, at: number): FileHeader {
	if (at + sizes.central > bytes.length || bytes.readUInt32LE(at) !== signatures.central) {
		throw refusal('Its list of files ends too early.');
	}
	const length = bytes.readUInt16LE(at + 28);
	return {
		name: bytes.toString('utf8', at + sizes.central, at + sizes.central + length),
		method: bytes.readUInt16LE(at + 10),
		time: bytes.readUInt32LE(at + 12),
		crc: bytes.readUInt32LE(at + 16),
		packed: bytes.readUInt32LE(at + 20),
		size: bytes.readUInt32LE(at + 24),
		offset: bytes.readUInt32LE(at + 42),
	};
}

/** One file follows the other from the beginning to the list. */
function refuseGaps(bytes: Buffer, headers: readonly FileHeader[], end: number): void {
	let at = 0;
	for (const header of headers) {
		const local = localHeader(header);
		const isThere = header.offset === at && bytes.subarray(at, at + local.length).equals(local);
		if (!isThere) throw refusal(`It says two things of ${shown(header)}.`);
		at += local.length + header.packed;
	}
	if (at !== end) throw refusal('Something lies between its files.');
}

async function unpack(bytes: Buffer, header: FileHeader, most: number): Promise<Uint8Array> {
	const from = header.offset + sizes.local + Buffer.byteLength(header.name);
	const packed = bytes.subarray(from, from + header.packed);
	const content = header.method === methods.stored ? packed : await inflate(packed, header, most);
	if (content.length > most) throw refusal('Unpacked it is too large.');
	if (content.length !== header.size || crc32(content) !== header.crc) throw damaged(header);
	return content;
}

async function inflate(packed: Buffer, header: FileHeader, most: number): Promise<Uint8Array> {
	if (header.method !== methods.deflated)
		throw refusal(`${shown(header)} is packed in an unknown way.`);
	const maxOutputLength = Math.max(1, Math.min(most, header.size));
	try {
		return await promisify(inflateRaw)(packed, { maxOutputLength });
	} catch (error) {
		const isLarger = error instanceof RangeError;
		throw isLarger
			? refusal(`${shown(header)} is larger than it says, or too large.`)
			: damaged(header);
	}
}

function damaged(header: FileHeader): Refusal {
	return refusal(`${shown(header)} is damaged.`);
}
