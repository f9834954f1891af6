import { limits } from '#server/limits.ts';
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
	readonly clock: number;
	readonly left: Id | null;
	readonly right: Id | null;
	readonly parent: Id | string | null;
	readonly key: string | null;
}

/** One client's structs in an update: `[clock, end)`, where their bytes lie, and what they touch. */
export interface Block {
	readonly client: number;
	readonly clock: number;
	readonly end: number;
	readonly from: number;
	readonly to: number;
	/** What they build on, in their order. */
	readonly needs: readonly Need[];
	/** Those that are not collected yet, in their order. */
	readonly items: readonly Item[];
	/** Roots that they name. */
	readonly roots: ReadonlySet<string>;
	/** Keys that they set in root maps where nothing was set before, by root. */
	readonly newKeys: ReadonlyMap<string, readonly string[]>;
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
	readonly deletions: readonly Deletion[];
}

/** What a block is found to touch, while it is read. */
interface Touched {
	needs: Need[];
	items: Item[];
	roots: Set<string>;
	newKeys: Map<string, string[]>;
	hasGap: boolean;
}

/**
 * Walks a Yjs V1 update (structs, then the delete set) with checked bounds. It never allocates by a
 * length that the sender claims, is linear in the bytes and never laxer than Yjs.
 * Throws `Malformed`.
 */
export function scanUpdate(bytes: Uint8Array): Scan {
	const reader = new Reader(bytes);
	const blocks = new Map<number, Block>();
	let structs = 0;
	for (let left = countOf(reader, limits.clientsPerUpdate); left > 0; left--) {
		const { count, block } = scanBlock(reader);
		structs += count;
		if (structs > limits.structsPerUpdate) throw new Malformed('The update has too many parts.');
		if (blocks.has(block.client)) throw new Malformed('A client appears twice.');
		blocks.set(block.client, block);
	}
	const deletions = scanDeletions(reader);
	reader.end();
	return { blocks: [...blocks.values()].filter(({ clock, end }) => end > clock), deletions };
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

function scanBlock(reader: Reader): { count: number; block: Block } {
	const from = reader.at;
	const count = countOf(reader, limits.structsPerUpdate);
	const { client, clock } = idOf(reader);
	const touched: Touched = {
		needs: [],
		items: [],
		roots: new Set(),
		newKeys: new Map(),
		hasGap: false,
	};
	let end = clock;
	for (let left = count; left > 0; left--) {
		end += scanStruct(reader, touched, { client, clock: end });
		if (end > limits.clock) throw new Malformed('A clock is too large.');
	}
	return { count, block: { client, clock, end, from, to: reader.at, ...touched } };
}

const nowhere = { parent: null, key: null };
const structRefs = { gc: 0, skip: 10 } as const;

/** Reads the struct with this id and gives its length in clocks. */
function scanStruct(reader: Reader, touched: Touched, id: Id): number {
	const info = reader.uint8();
	const contentRef = info & 0x1f;
	if (contentRef === structRefs.skip) {
		touched.hasGap = true;
		return lengthOf(reader.varUint());
	}
	if (contentRef === structRefs.gc) return lengthOf(reader.varUint());
	const left = info & 0x80 ? scanNeed(reader, touched, id) : null;
	const right = info & 0x40 ? scanNeed(reader, touched, id) : null;
	const isPlaced = left !== null || right !== null;
	const place = isPlaced
		? nowhere
		: scanParent(reader, touched, { id, hasKey: (info & 0x20) !== 0 });
	touched.items.push({ clock: id.clock, left, right, ...place });
	return lengthOf(scanContent(reader, contentRef));
}

/** Yjs takes one that builds on itself at its word, and fails in the middle of applying it. */
function scanNeed(reader: Reader, touched: Touched, { client, clock }: Id): Id {
	const need = idOf(reader);
	if (need.client === client && need.clock >= clock) {
		throw new Malformed('A part builds on one that comes after it.');
	}
	touched.needs.push({ ...need, by: clock });
	return need;
}

function lengthOf(length: number): number {
	if (length === 0) throw new Malformed('A part is empty.');
	return length;
}

function scanParent(
	reader: Reader,
	touched: Touched,
	{ id, hasKey }: { id: Id; hasKey: boolean },
): Pick<Item, 'parent' | 'key'> {
	const isRoot = reader.varUint() === 1;
	const parent = isRoot ? reader.varString() : scanNeed(reader, touched, id);
	const key = hasKey ? reader.varString() : null;
	if (typeof parent !== 'string') return { parent, key };
	touched.roots.add(parent);
	const keys = touched.newKeys.get(parent);
	if (key !== null && keys) keys.push(key);
	else if (key !== null) touched.newKeys.set(parent, [key]);
	return { parent, key };
}

/** Reads an item's content by its kind (Yjs' `contentRefs`) and gives its length in clocks. */
function scanContent(reader: Reader, ref: number): number {
	switch (ref) {
		case 1: // deleted
			return reader.varUint();
		case 4: // text
			return reader.varString().length;
		case 5: // an embedded object
			scanJson(reader);
			return 1;
		case 6: // a format mark
			reader.varString();
			scanJson(reader);
			return 1;
		case 7:
			scanType(reader);
			return 1;
		case 8: {
			const count = reader.varUint();
			for (let left = count; left > 0; left--) scanAny(reader, 0);
			return count;
		}
		default: // JSON of old versions, binary, sub-documents: never ours
			throw new Malformed('The update holds a kind of content that Muster does not use.');
	}
}

function scanJson(reader: Reader): void {
	const text = reader.varString();
	try {
		JSON.parse(text);
	} catch {
		throw new Malformed('An attribute is not JSON.');
	}
}

function scanType(reader: Reader): void {
	const ref = reader.varUint();
	const [array, map, text, element, fragment, hook, xmlText] = [0, 1, 2, 3, 4, 5, 6];
	if (ref === element) reader.varString();
	else if (![array, map, text, fragment, xmlText].includes(ref) || ref === hook) {
		throw new Malformed('The update holds a type that Muster does not use.');
	}
}

/** Skips a value of lib0's `any` encoding; numbers, texts, booleans, null, plain lists and objects. */
function scanAny(reader: Reader, depth: number): void {
	if (depth > limits.nesting) throw new Malformed('A value is nested too deep.');
	const type = 127 - reader.uint8();
	switch (type) {
		case 0: // undefined
		case 1: // null
		case 6: // true
		case 7: // false
			return;
		case 2:
			return reader.varInt();
		case 3: // float32
			return reader.skip(4);
		case 4: // float64
			return reader.skip(8);
		case 8:
			reader.varString();
			return;
		case 9:
			for (let left = reader.varUint(); left > 0; left--) {
				reader.varString();
				scanAny(reader, depth + 1);
			}
			return;
		case 10:
			for (let left = reader.varUint(); left > 0; left--) scanAny(reader, depth + 1);
			return;
		default: // BigInt, bytes
			throw new Malformed('The update holds a kind of value that Muster does not use.');
	}
}

function scanDeletions(reader: Reader): Deletion[] {
	const deletions: Deletion[] = [];
	for (let clients = countOf(reader, limits.clientsInDeletes); clients > 0; clients--) {
		const client = reader.varUint();
		if (client > 0xffffffff) throw new Malformed('A client id has more than 32 bits.');
		for (let left = countOf(reader, limits.deletesPerUpdate); left > 0; left--) {
			const clock = reader.varUint();
			const length = lengthOf(reader.varUint());
			if (clock + length > limits.clock) throw new Malformed('A clock is too large.');
			if (deletions.push({ client, clock, length }) > limits.deletesPerUpdate) {
				throw new Malformed('The update deletes too many parts.');
			}
		}
	}
	return deletions;
}
