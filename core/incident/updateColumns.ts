import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { newColumns, readBytes, readExactly, type ColumnReaders } from './columns.ts';

/** The columns in which updates lie. */
export const updateColumnNames = [
	'shapes',
	'clients',
	'ids',
	'lengths',
	'texts',
	'others',
] as const;
type Name = (typeof updateColumnNames)[number];

/** An item's place: Yjs client and clock. */
interface Id {
	readonly client: number;
	readonly clock: number;
}

/** One struct of text, beside others: what a keystroke or a pasted line is. */
interface Typing extends Id {
	readonly origin: Id | null;
	readonly right: Id | null;
	readonly text: Uint8Array;
}

/** One stretch deleted and nothing written. */
interface Erasing extends Id {
	readonly length: number;
}

// A shape is one byte: what it is, then for typing how its places are said.
const shapes = { other: 0, typing: 1, erasing: 2 } as const;
const places = { none: 0, expected: 1, said: 2 } as const;
const contentString = 4;
const hasOrigin = 0x80;
const hasRight = 0x40;

/** What was seen of each client, from which the next update can mostly be told. */
class Expectations {
	readonly #nextClock = new Map<number, number>();
	readonly #right = new Map<number, Id>();
	readonly #erased = new Map<number, Id>();

	/** Where this client writes next. */
	clockOf(client: number): number {
		return this.#nextClock.get(client) ?? 0;
	}

	/** What its last text stood before. */
	rightOf(client: number): Id | null {
		return this.#right.get(client) ?? null;
	}

	/** What it erased last. */
	erasedBy(client: number): Id {
		return this.#erased.get(client) ?? { client, clock: 0 };
	}

	typed(typing: Typing, length: number): void {
		this.#nextClock.set(typing.client, typing.clock + length);
		if (typing.right) this.#right.set(typing.client, typing.right);
	}

	erased(client: number, what: Id): void {
		this.#erased.set(client, what);
	}
}

/** Writes Yjs V1 updates into columns; those of the two common shapes in a few bits, others as they are. */
export class UpdateWriter {
	readonly columns = newColumns(updateColumnNames);
	readonly #expected = new Expectations();
	readonly #clients = new Map<number, number>();

	/** `by` is the client that is expected to have written it. */
	write(update: Uint8Array, by: number): void {
		const typing = typingOf(update);
		if (typing?.client === by && isSame(encodeTyping(typing), update)) return this.#type(typing);
		const erasing = erasingOf(update);
		if (erasing && isSame(encodeErasing(erasing), update)) return this.#erase(erasing, by);
		encoding.writeUint8(this.columns.shapes, shapes.other);
		encoding.writeVarUint(this.columns.lengths, update.length);
		encoding.writeUint8Array(this.columns.others, update);
	}

	#type(typing: Typing): void {
		const { client, clock, origin, right, text } = typing;
		const isInOrder = clock === this.#expected.clockOf(client);
		const before = { client, clock: clock - 1 };
		const originPlace = placeOf(origin, before);
		const rightPlace = placeOf(right, this.#expected.rightOf(client));
		const shape = shapes.typing | (originPlace << 2) | (rightPlace << 4) | (isInOrder ? 0 : 64);
		encoding.writeUint8(this.columns.shapes, shape);
		if (!isInOrder) encoding.writeVarUint(this.columns.ids, clock);
		if (origin && originPlace === places.said) this.#say(origin);
		if (right && rightPlace === places.said) this.#say(right);
		encoding.writeVarUint(this.columns.lengths, text.length);
		encoding.writeUint8Array(this.columns.texts, text);
		this.#expected.typed(typing, lengthOf(text));
	}

	#erase({ client, clock, length }: Erasing, by: number): void {
		const last = this.#expected.erasedBy(by);
		encoding.writeUint8(this.columns.shapes, shapes.erasing);
		encoding.writeVarUint(this.columns.ids, this.#indexOf(client));
		encoding.writeVarInt(this.columns.ids, clock - last.clock);
		encoding.writeVarUint(this.columns.lengths, length);
		this.#expected.erased(by, { client, clock });
	}

	#say({ client, clock }: Id): void {
		encoding.writeVarUint(this.columns.ids, this.#indexOf(client));
		encoding.writeVarUint(this.columns.ids, clock);
	}

	#indexOf(client: number): number {
		const known = this.#clients.get(client);
		if (known !== undefined) return known;
		encoding.writeVarUint(this.columns.clients, client);
		this.#clients.set(client, this.#clients.size);
		return this.#clients.size - 1;
	}
}

/** Reads what `UpdateWriter` wrote, in the same order. Throws on anything else. */
export class UpdateReader {
	readonly #columns: ColumnReaders<Name>;
	readonly #expected = new Expectations();
	readonly #clients: number[] = [];

	constructor(columns: ColumnReaders<Name>) {
		this.#columns = columns;
		while (decoding.hasContent(columns.clients)) {
			this.#clients.push(decoding.readVarUint(columns.clients));
		}
	}

	read(by: number): Uint8Array {
		const shape = decoding.readUint8(this.#columns.shapes);
		switch (shape & 3) {
			case shapes.typing:
				return encodeTyping(this.#typing(shape, by));
			case shapes.erasing:
				return encodeErasing(this.#erasing(by));
			case shapes.other:
				return readExactly(this.#columns.others, decoding.readVarUint(this.#columns.lengths));
			default:
				throw new Error('An update of an unknown shape.');
		}
	}

	#typing(shape: number, client: number): Typing {
		const { ids, lengths, texts } = this.#columns;
		const isInOrder = (shape & 64) === 0;
		const clock = isInOrder ? this.#expected.clockOf(client) : decoding.readVarUint(ids);
		const origin = this.#place((shape >> 2) & 3, { client, clock: clock - 1 });
		const right = this.#place((shape >> 4) & 3, this.#expected.rightOf(client));
		const text = readExactly(texts, decoding.readVarUint(lengths));
		const typing = { client, clock, origin, right, text };
		this.#expected.typed(typing, lengthOf(text));
		return typing;
	}

	#place(place: number, expected: Id | null): Id | null {
		if (place === places.none) return null;
		if (place === places.said) {
			const client = this.#client();
			return { client, clock: decoding.readVarUint(this.#columns.ids) };
		}
		if (!expected || expected.clock < 0) throw new Error('A text whose place is not known.');
		return expected;
	}

	#erasing(by: number): Erasing {
		const client = this.#client();
		const clock = this.#expected.erasedBy(by).clock + decoding.readVarInt(this.#columns.ids);
		if (clock < 0) throw new Error('A deletion of nothing.');
		this.#expected.erased(by, { client, clock });
		return { client, clock, length: decoding.readVarUint(this.#columns.lengths) };
	}

	#client(): number {
		const client = this.#clients[decoding.readVarUint(this.#columns.ids)];
		if (client === undefined) throw new Error('A client that is not known.');
		return client;
	}
}

function placeOf(id: Id | null, expected: Id | null): (typeof places)[keyof typeof places] {
	if (!id) return places.none;
	const isExpected = id.client === expected?.client && id.clock === expected.clock;
	return isExpected ? places.expected : places.said;
}

/** The update as one piece of text, if it looks like it. */
function typingOf(update: Uint8Array): Typing | null {
	if (update[0] !== 1 || update[1] !== 1) return null;
	return attempt(update, (decoder) => {
		decoder.pos = 2;
		const client = decoding.readVarUint(decoder);
		const clock = decoding.readVarUint(decoder);
		const info = decoding.readUint8(decoder);
		const isText = (info & 31) === contentString && (info & 32) === 0 && info > 31;
		if (!isText) return null;
		const origin = info & hasOrigin ? readId(decoder) : null;
		const right = info & hasRight ? readId(decoder) : null;
		return { client, clock, origin, right, text: readBytes(decoder) };
	});
}

/** The update as one deletion, if it looks like it. */
function erasingOf(update: Uint8Array): Erasing | null {
	if (update[0] !== 0 || update[1] !== 1) return null;
	return attempt(update, (decoder) => {
		decoder.pos = 2;
		const client = decoding.readVarUint(decoder);
		if (decoding.readVarUint(decoder) !== 1) return null;
		const clock = decoding.readVarUint(decoder);
		return { client, clock, length: decoding.readVarUint(decoder) };
	});
}

/** Null for bytes that end too early: those are kept as they are. */
function attempt<T>(bytes: Uint8Array, read: (decoder: decoding.Decoder) => T): T | null {
	try {
		return read(decoding.createDecoder(bytes));
	} catch {
		return null;
	}
}

function readId(decoder: decoding.Decoder): Id {
	return { client: decoding.readVarUint(decoder), clock: decoding.readVarUint(decoder) };
}

function writeId(encoder: encoding.Encoder, { client, clock }: Id): void {
	encoding.writeVarUint(encoder, client);
	encoding.writeVarUint(encoder, clock);
}

function encodeTyping({ client, clock, origin, right, text }: Typing): Uint8Array {
	const encoder = encoding.createEncoder();
	encoding.writeUint8(encoder, 1); // one client
	encoding.writeUint8(encoder, 1); // one struct
	writeId(encoder, { client, clock });
	const info = contentString | (origin ? hasOrigin : 0) | (right ? hasRight : 0);
	encoding.writeUint8(encoder, info);
	if (origin) writeId(encoder, origin);
	if (right) writeId(encoder, right);
	encoding.writeVarUint8Array(encoder, text);
	encoding.writeUint8(encoder, 0); // nothing deleted
	return encoding.toUint8Array(encoder);
}

function encodeErasing({ client, clock, length }: Erasing): Uint8Array {
	const encoder = encoding.createEncoder();
	encoding.writeUint8(encoder, 0); // no structs
	encoding.writeUint8(encoder, 1); // one client
	encoding.writeVarUint(encoder, client);
	encoding.writeUint8(encoder, 1); // one stretch
	encoding.writeVarUint(encoder, clock);
	encoding.writeVarUint(encoder, length);
	return encoding.toUint8Array(encoder);
}

/** A text's length as Yjs counts it, in UTF-16 units, from its UTF-8. */
function lengthOf(text: Uint8Array): number {
	let length = 0;
	for (const byte of text) if ((byte & 0xc0) !== 0x80) length += byte >= 0xf0 ? 2 : 1;
	return length;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
	return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
