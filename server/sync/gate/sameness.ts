import * as Y from 'yjs';
import type { Block, Id } from './scan.ts';

/** What stands under a client's clock: an item of a document or of an update, or what is left of one. */
export type Struct = ReturnType<typeof Y.decodeUpdate>['structs'][number] | Y.Item | Y.GC;

/** Whether an update says anything else than a document does under clocks that the document knows. */
export function contradicts(
	store: Y.Doc['store'],
	bytes: Uint8Array,
	blocks: readonly Block[],
): boolean {
	const known = blocks.filter(({ client, clock }) => clock < Y.getState(store, client));
	if (known.length === 0) return false;
	const clients = new Set(known.map(({ client }) => client));
	return structsOf(bytes).some((struct) => {
		if (!clients.has(struct.id.client)) return false;
		return structsIn(store, struct).some((there) => differ(struct, there));
	});
}

/** Whether two updates say different things under the same clock of a client. */
export function contradictEachOther(a: Uint8Array, b: Uint8Array): boolean {
	const ofB = Map.groupBy(structsOf(b), ({ id }) => id.client);
	return structsOf(a).some((struct) =>
		ofB.get(struct.id.client)?.some((other) => differ(struct, other)),
	);
}

function structsOf(bytes: Uint8Array): Struct[] {
	return Y.decodeUpdate(bytes).structs;
}

/** What a document has in the place of a struct. */
function structsIn(store: Y.Doc['store'], { id, length }: Struct): Struct[] {
	const structs = store.clients.get(id.client) ?? [];
	const found: Struct[] = [];
	if (id.clock >= Y.getState(store, id.client)) return found;
	for (let i = Y.findIndexSS(structs, id.clock); i < structs.length; i++) {
		const struct = structs[i];
		if (!struct || struct.id.clock >= id.clock + length) break;
		found.push(struct);
	}
	return found;
}

/**
 * Whether two structs of one client differ where they overlap. Yjs splits and merges them as it likes,
 * so they are compared clock by clock; of what is deleted nothing is left to compare.
 */
function differ(a: Struct, b: Struct): boolean {
	if (!(a instanceof Y.Item) || !(b instanceof Y.Item)) return false;
	const from = Math.max(a.id.clock, b.id.clock);
	const to = Math.min(a.id.clock + a.length, b.id.clock + b.length);
	if (from >= to || isGone(a) || isGone(b)) return false;
	if (placeOf(a, from) !== placeOf(b, from)) return true;
	return !isSameContent(
		unitsOf(a.content, from - a.id.clock, to - from),
		unitsOf(b.content, from - b.id.clock, to - from),
	);
}

function isGone({ content }: Y.Item): boolean {
	return content instanceof Y.ContentDeleted;
}

/** Between what, and in what, a unit was put. */
function placeOf(item: Y.Item, clock: number): string {
	const { client } = item.id;
	const left = clock > item.id.clock ? { client, clock: clock - 1 } : item.origin;
	const right = item.rightOrigin;
	const sides = `${idText(left)}|${idText(right)}`;
	return left || right ? sides : `${sides}|${parentText(item)}|${item.parentSub ?? ''}`;
}

function idText(id: Id | null): string {
	return id ? `${id.client}.${id.clock}` : '';
}

function parentText({ parent }: Y.Item): string {
	if (parent instanceof Y.AbstractType) {
		return parent._item ? idText(parent._item.id) : Y.findRootTypeKey(parent);
	}
	return typeof parent === 'string' ? parent : idText(parent);
}

/** What an item holds, unit by unit, as texts that can be compared. */
function unitsOf(content: Y.Item['content'], from: number, count: number): string[] {
	if (content instanceof Y.ContentString) return content.str.slice(from, from + count).split('');
	if (content instanceof Y.ContentAny || content instanceof Y.ContentJSON) {
		return content.arr.slice(from, from + count).map(textOf);
	}
	if (content instanceof Y.ContentFormat) return [textOf([content.key, content.value])];
	if (content instanceof Y.ContentEmbed) return [textOf(content.embed)];
	if (content instanceof Y.ContentBinary) return [content.content.join()];
	if (content instanceof Y.ContentType) {
		const { type } = content;
		return [`${type.constructor.name} ${type instanceof Y.XmlElement ? type.nodeName : ''}`];
	}
	return [content.constructor.name];
}

function textOf(value: unknown): string {
	const text = JSON.stringify(value, (_, part: unknown) =>
		typeof part === 'bigint' ? `${part}n` : part,
	) as string | undefined;
	return text ?? '';
}

/** Yjs writes this for half a character when it splits a text in the middle of one. */
const torn = '\ufffd';

function isSameContent(a: readonly string[], b: readonly string[]): boolean {
	return a.every((unit, i) => unit === b[i] || unit === torn || b[i] === torn);
}
