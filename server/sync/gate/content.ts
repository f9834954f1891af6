import type { Content } from '#core/incident/shape.ts';
import { limits } from '#server/limits.ts';
import { Malformed, Reader } from './reader.ts';

/** Yjs' `contentRefs`. What is missing (JSON of old versions, binary, sub-documents) is never ours. */
const refs = { deleted: 1, text: 4, embed: 5, mark: 6, type: 7, values: 8 } as const;
/** Yjs' `typeRefs`; the one that is missing is a hook. */
const typeRefs = { list: 0, map: 1, text: 2, node: 3, fragment: 4, richText: 6 } as const;

/** Skips an item's content and gives its length in clocks. Throws `Malformed`. */
export function skipContent(reader: Reader, ref: number): number {
	switch (ref) {
		case refs.deleted:
			return reader.varUint();
		case refs.text:
			return reader.textLength();
		case refs.embed:
			readJson(reader);
			return 1;
		case refs.mark:
			reader.varString();
			readJson(reader);
			return 1;
		case refs.type:
			skipType(reader);
			return 1;
		case refs.values: {
			const count = reader.varUint();
			for (let left = count; left > 0; left--) skipAny(reader, 0);
			return count;
		}
		default:
			throw new Malformed('The update holds a kind of content that Muster does not use.');
	}
}

/** What an item holds that was scanned before. */
export function readContent(bytes: Uint8Array, item: { ref: number; contentAt: number }): Content {
	const reader = new Reader(bytes, item.contentAt);
	switch (item.ref) {
		case refs.text:
			return { kind: 'text' };
		case refs.embed:
			return { kind: 'embed' };
		case refs.mark:
			return { kind: 'mark', name: reader.varString(), value: readJson(reader) };
		case refs.type:
			return readType(reader);
		case refs.values:
			return {
				kind: 'values',
				values: Array.from({ length: reader.varUint() }, () => readAny(reader)),
			};
		default:
			return { kind: 'deleted' };
	}
}

function readJson(reader: Reader): unknown {
	const text = reader.varString();
	if (text.length > limits.attributeLength) throw new Malformed('An attribute is too long.');
	try {
		return JSON.parse(text);
	} catch {
		throw new Malformed('An attribute is not JSON.');
	}
}

function skipType(reader: Reader): void {
	const ref = reader.varUint();
	if (ref === typeRefs.node) reader.varString();
	else if (!Object.values(typeRefs).some((known) => known === ref)) {
		throw new Malformed('The update holds a type that Muster does not use.');
	}
}

function readType(reader: Reader): Content {
	switch (reader.varUint()) {
		case typeRefs.map:
			return { kind: 'type', type: 'map' };
		case typeRefs.text:
			return { kind: 'type', type: 'text' };
		case typeRefs.richText:
			return { kind: 'type', type: 'richText' };
		case typeRefs.node:
			return { kind: 'type', type: 'node', name: reader.varString() };
		default:
			return { kind: 'type', type: 'other' };
	}
}

/** lib0's `any` encoding: the byte that stands before each kind of value. */
const kinds = {
	...{ undefined: 127, null: 126, integer: 125, float32: 124, float64: 123, false: 121, true: 120 },
	...{ text: 119, object: 118, list: 117 },
} as const;

/** Skips a value: a number, a text, a boolean, null, or plain lists and objects of them. */
function skipAny(reader: Reader, depth: number): void {
	if (depth > limits.valueDepth) throw new Malformed('A value is nested too deep.');
	switch (reader.uint8()) {
		case kinds.undefined:
		case kinds.null:
		case kinds.true:
		case kinds.false:
			return;
		case kinds.integer:
			reader.varInt();
			return;
		case kinds.float32:
			return reader.skip(4);
		case kinds.float64:
			return reader.skip(8);
		case kinds.text:
			reader.varString();
			return;
		case kinds.object:
			for (let left = reader.varUint(); left > 0; left--) {
				reader.varString();
				skipAny(reader, depth + 1);
			}
			return;
		case kinds.list:
			for (let left = reader.varUint(); left > 0; left--) skipAny(reader, depth + 1);
			return;
		default: // BigInt, bytes
			throw new Malformed('The update holds a kind of value that Muster does not use.');
	}
}

/** A value without parts; `undefined` for anything else. */
function readAny(reader: Reader): unknown {
	const { at } = reader;
	switch (reader.uint8()) {
		case kinds.null:
			return null;
		case kinds.true:
			return true;
		case kinds.false:
			return false;
		case kinds.integer:
			return reader.varInt();
		case kinds.float32:
			return reader.float(4);
		case kinds.float64:
			return reader.float(8);
		case kinds.text:
			return reader.varString();
		default:
			reader.at = at;
			skipAny(reader, 0);
			return undefined;
	}
}
