import { limits } from '#server/limits.ts';
import { skipContent } from './content.ts';
import { Malformed, Reader } from './reader.ts';

/** A struct's or an item's name: the client that wrote it and its clock there. */
export interface Id {
	readonly client: number;
	readonly clock: number;
}

/** An id that must be there before the struct at clock `by` can be: its origin or its parent. */
export interface Need extends Id {
	readonly by: number;
}

/** A part of the document, placed between two others or else in a parent: an item's id or a root. */
export interface Item {
	readonly client: number;
	readonly clock: number;
	readonly end: number;
	readonly left: Id | null;
	readonly right: Id | null;
	readonly parent: Id | string | null;
	readonly key: string | null;
	/** What kind of content it has (Yjs' `contentRefs`), and where in the update that begins. */
	readonly ref: number;
	readonly contentAt: number;
	/** Where in the update it begins, and how many of the block's structs come before it. */
	readonly at: number;
	readonly index: number;
}

/** One client's structs in an update: `[clock, end)`, where their bytes lie, and what they touch. */
export interface Block {
	readonly client: number;
	readonly clock: number;
	readonly end: number;
	readonly from: number;
	/** Where its structs begin. */
	readonly structsAt: number;
	readonly to: number;
	/** What they build on, in their order. */
	readonly needs: readonly Need[];
	/** Those that are not collected yet, in their order. */
	readonly items: readonly Item[];
	/** They skip over some, as only a merged, incomplete update does. */
	readonly hasGap: boolean;
}

/** A range of clocks that an update deletes. */
export interface Deletion extends Id {
	readonly length: number;
}

/** What an update holds, read without touching a document. */
export interface Scan {
	readonly blocks: readonly Block[];
	readonly blockOf: ReadonlyMap<number, Block>;
	readonly deletions: readonly Deletion[];
}

/** What a block is found to touch, while it is read. */
interface Touched {
	needs: Need[];
	items: Item[];
	hasGap: boolean;
}

/**
 * Walks a Yjs V1 update (structs, then the delete set) with checked bounds. It never allocates by a
 * length that the sender claims, is linear in the bytes and never laxer than Yjs. What a server wrote may
 * have more parts than somebody sends at once. Throws `Malformed`.
 */
export function scanUpdate(bytes: Uint8Array, mostStructs: number = limits.structsPerUpdate): Scan {
	const reader = new Reader(bytes);
	const blocks = new Map<number, Block>();
	let structs = 0;
	for (let left = countOf(reader, limits.clientsPerUpdate); left > 0; left--) {
		const { count, block } = scanBlock(reader, mostStructs);
		structs += count;
		if (structs > mostStructs) throw new Malformed('The update has too many parts.');
		if (blocks.has(block.client)) throw new Malformed('A client appears twice.');
		blocks.set(block.client, block);
	}
	for (const { client, clock, end } of blocks.values()) if (end === clock) blocks.delete(client);
	const deletions = scanDeletions(reader);
	reader.end();
	return { blocks: [...blocks.values()], blockOf: blocks, deletions };
}

function countOf(reader: Reader, most: number): number {
	const count = reader.varUint();
	if (count > most) throw new Malformed('The update has too many parts.');
	return count;
}

function idOf(reader: Reader): Id {
	const client = reader.varUint();
	if (client > 0xffffffff) throw new Malformed('A client id has more than 32 bits.');
	return { client, clock: reader.varUint() };
}

function scanBlock(reader: Reader, mostStructs: number): { count: number; block: Block } {
	const from = reader.at;
	const count = countOf(reader, mostStructs);
	const { client, clock } = idOf(reader);
	const touched: Touched = { needs: [], items: [], hasGap: false };
	const structsAt = reader.at;
	let end = clock;
	for (let index = 0; index < count; index++) {
		end += scanStruct(reader, touched, { client, clock: end, index });
		if (end > limits.largestClock) throw new Malformed('A clock is too large.');
	}
	const { needs, items, hasGap } = touched;
	const to = reader.at;
	return { count, block: { client, clock, end, from, structsAt, to, needs, items, hasGap } };
}

const structRefs = { gc: 0, skip: 10 } as const;

/** Reads the struct with this id and gives its length in clocks. */
function scanStruct(reader: Reader, touched: Touched, id: Id & { index: number }): number {
	const { at } = reader;
	const info = reader.uint8();
	const ref = info & 0x1f;
	if (ref === structRefs.skip) touched.hasGap = true;
	if (ref === structRefs.skip || ref === structRefs.gc) return lengthOf(reader.varUint());
	const left = info & 0x80 ? scanNeed(reader, touched, id) : null;
	const right = info & 0x40 ? scanNeed(reader, touched, id) : null;
	const isPlaced = left !== null || right !== null;
	const parent = isPlaced ? null : scanParent(reader, touched, id);
	const key = !isPlaced && info & 0x20 ? reader.varString() : null;
	const contentAt = reader.at;
	const length = lengthOf(skipContent(reader, ref));
	const { client, clock, index } = id;
	const end = clock + length;
	touched.items.push({ client, clock, end, left, right, parent, key, ref, contentAt, at, index });
	return length;
}

/** Yjs takes one that builds on itself at its word, and fails in the middle of applying it. */
function scanNeed(reader: Reader, touched: Touched, { client, clock }: Id): Id {
	const need = { ...idOf(reader), by: clock };
	if (need.client === client && need.clock >= clock) {
		throw new Malformed('A part builds on one that comes after it.');
	}
	touched.needs.push(need);
	return need;
}

function lengthOf(length: number): number {
	if (length === 0) throw new Malformed('A part is empty.');
	return length;
}

/** What an item without neighbours stands in. */
function scanParent(reader: Reader, touched: Touched, id: Id): Id | string {
	const isRoot = reader.varUint() === 1;
	return isRoot ? reader.varString() : scanNeed(reader, touched, id);
}

/** Each client once, its ranges in their order: so Yjs writes them, and nothing is looked at twice. */
function scanDeletions(reader: Reader): Deletion[] {
	const deletions: Deletion[] = [];
	const count = countOf(reader, limits.clientsInDeletes);
	if (count === 0) return deletions;
	const clients = new Set<number>();
	for (let left = count; left > 0; left--) {
		const client = reader.varUint();
		if (client > 0xffffffff) throw new Malformed('A client id has more than 32 bits.');
		if (clients.has(client)) throw new Malformed('A client appears twice.');
		clients.add(client);
		scanRanges(reader, client, deletions);
	}
	return deletions;
}

function scanRanges(reader: Reader, client: number, deletions: Deletion[]): void {
	let end = 0;
	for (let left = countOf(reader, limits.deletesPerUpdate); left > 0; left--) {
		const clock = reader.varUint();
		const length = lengthOf(reader.varUint());
		if (clock < end) throw new Malformed('A part is deleted twice.');
		end = clock + length;
		if (end > limits.largestClock) throw new Malformed('A clock is too large.');
		if (deletions.push({ client, clock, length }) > limits.deletesPerUpdate) {
			throw new Malformed('The update deletes too many parts.');
		}
	}
}
