import { mkdir, open, readdir, readFile, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import * as encoding from 'lib0/encoding';
import type { DocumentId } from '#core/ids.ts';
import { decodeEdits, type Edit } from '#core/incident/turn.ts';
import { Malformed, Reader } from '../gate/reader.ts';

/** A turn that people saw while the store was away. */
export interface UnsavedTurn {
	readonly nonce: string;
	/** The edits in the codec of core/incident/turn.ts. */
	readonly edits: Uint8Array;
}

/** Keeps a document's unsaved turns until the journal has them. */
export interface Backlog {
	readonly name: string;
	/** Resolves once the turn is kept for good. */
	append(turn: UnsavedTurn): Promise<void>;
	/** The turns in it, oldest first. A torn last one was never shown to anybody and is left out. */
	read(): Promise<{ nonce: string; parts: Edit[] }[]>;
	/** Forgets everything: the journal has it. */
	remove(): Promise<void>;
	/** Keeps what does not fit the document any more out of the way, for a person to look at. */
	setAside(): Promise<void>;
	close(): Promise<void>;
}

/** Where backlogs are kept: files of this node, or a simulation's. */
export interface Backlogs {
	/** A new one, for an outage that begins now; every outage has its own. */
	begin(document: DocumentId): Backlog;
	/** Those of earlier outages, oldest first, by document. */
	find(): Promise<Map<DocumentId, Backlog[]>>;
}

/**
 * A file of frames of CRC-32, length and content, appended before anybody sees what they hold.
 */
class BacklogFile implements Backlog {
	readonly #path: string;
	#file: FileHandle | null = null;
	/** How much of it holds whole frames. */
	#bytes = 0;

	constructor(path: string) {
		this.#path = path;
	}

	get name(): string {
		return this.#path;
	}

	async append(turn: UnsavedTurn): Promise<void> {
		if (!this.#file) {
			await mkdir(path.dirname(this.#path), { recursive: true });
			this.#file = await open(this.#path, 'a', 0o600);
		}
		const frame = encodeFrame(turn);
		try {
			await this.#file.appendFile(frame);
			await this.#file.datasync();
		} catch (error) {
			// What stands behind half a frame would never be read.
			await this.#file.truncate(this.#bytes);
			throw error;
		}
		this.#bytes += frame.length;
	}

	async read(): Promise<{ nonce: string; parts: Edit[] }[]> {
		const reader = new Reader(await readFile(this.#path));
		const turns: { nonce: string; parts: Edit[] }[] = [];
		while (reader.left > 0) {
			const body = readFrame(reader);
			if (!body) break;
			const inner = new Reader(body);
			turns.push({ nonce: inner.varString(), parts: decodeEdits(inner.varBytes()) });
		}
		return turns;
	}

	async remove(): Promise<void> {
		await this.close();
		await rm(this.#path, { force: true });
	}

	async setAside(): Promise<void> {
		await this.close();
		await rename(this.#path, `${this.#path}.aside`);
	}

	async close(): Promise<void> {
		await this.#file?.close();
		this.#file = null;
	}
}

function encodeFrame(turn: UnsavedTurn): Uint8Array {
	const body = encoding.encode((encoder) => {
		encoding.writeVarString(encoder, turn.nonce);
		encoding.writeVarUint8Array(encoder, turn.edits);
	});
	return encoding.encode((encoder) => {
		encoding.writeUint32(encoder, crc32(body));
		encoding.writeVarUint8Array(encoder, body);
	});
}

const suffix = '.turns';

/** Backlogs as files of a folder. */
export function backlogsIn(folder: string): Backlogs {
	return {
		begin: (document) => new BacklogFile(path.join(folder, `${document}.${Date.now()}${suffix}`)),
		find: () => findFiles(folder),
	};
}

async function findFiles(folder: string): Promise<Map<DocumentId, Backlog[]>> {
	const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
		if (error.code === 'ENOENT') return [];
		throw error;
	});
	const files = names.filter((name) => name.endsWith(suffix)).sort();
	const grouped = Map.groupBy(files, (name) => name.slice(0, name.indexOf('.')) as DocumentId);
	return new Map(
		Array.from(grouped, ([document, group]) => [
			document,
			group.map((name) => new BacklogFile(path.join(folder, name))),
		]),
	);
}

function readFrame(reader: Reader): Uint8Array | null {
	try {
		const expected = [0, 8, 16, 24].reduce((sum, bits) => sum + reader.uint8() * 2 ** bits, 0);
		const body = reader.varBytes();
		return crc32(body) === expected ? body : null;
	} catch (error) {
		if (error instanceof Malformed) return null;
		throw error;
	}
}
