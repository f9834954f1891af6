import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import type { Found, Replaced } from './removal.ts';
import { Spans, type Span } from './spans.ts';

type Decoded = ReturnType<typeof Y.decodeUpdate>;
type Struct = Decoded['structs'][number];

/** What goes, as it is asked for clock by clock. */
export interface Gone {
	readonly spans: Spans;
	readonly values: ReadonlyMap<string, Replaced>;
}

/** What was found, ready to rewrite with. */
export function goneOf({ spans, values }: Pick<Found, 'spans' | 'values'>): Gone {
	const all = new Spans();
	for (const span of spans) all.add(span);
	return { spans: all, values: new Map(values.map((value) => [keyOf(value), value])) };
}

/**
 * An update (Yjs V1) without what goes: characters are deleted ones under the same ids, values have
 * others in their place, so that all that builds on it still fits. Null if it holds nothing of that.
 * Throws what Yjs throws.
 */
export function rewriteUpdate(update: Uint8Array, gone: Gone): Uint8Array | null {
	const { structs, ds } = Y.decodeUpdate(update);
	let isChanged = false;
	const rewritten = structs.flatMap((struct) => {
		const parts = struct instanceof Y.Item ? rewriteItem(struct, gone) : null;
		if (parts) isChanged = true;
		return parts ?? [struct];
	});
	return isChanged ? encodeUpdate({ structs: rewritten, ds }) : null;
}

function rewriteItem(item: Y.Item, gone: Gone): Y.Item[] | null {
	const { content } = item;
	if (content instanceof Y.ContentAny) return rewriteValues(item, content.arr, gone);
	const isWords = content instanceof Y.ContentString;
	const isMark = content instanceof Y.ContentFormat || content instanceof Y.ContentEmbed;
	if (!isWords && !isMark) return null;
	const pieces = gone.spans.cut({ ...item.id, length: item.length });
	if (!pieces.some(({ isInside }) => isInside)) return null;
	return pieces.map(({ from, to, isInside }) => {
		const left = isWords && !isInside ? new Y.ContentString(content.str.slice(from, to)) : content;
		return partOf(item, from, isInside ? new Y.ContentDeleted(to - from) : left);
	});
}

function rewriteValues(item: Y.Item, values: unknown[], gone: Gone): Y.Item[] | null {
	const { client, clock } = item.id;
	const replaced = values.map((value, i) => {
		const other = gone.values.get(keyOf({ client, clock: clock + i }));
		return other ? other.value : value;
	});
	const isSame = replaced.every((value, i) => value === values[i]);
	return isSame ? null : [partOf(item, 0, new Y.ContentAny(replaced))];
}

/** What stands further on in an item builds on what is before it, as if Yjs had split it. */
function partOf(item: Y.Item, from: number, content: Y.Item['content']): Y.Item {
	const { client, clock } = item.id;
	const origin = from === 0 ? item.origin : Y.createID(client, clock + from - 1);
	const { rightOrigin, parent, parentSub } = item;
	const id = Y.createID(client, clock + from);
	return new Y.Item(id, null, origin, null, rightOrigin, parent, parentSub, content);
}

function encodeUpdate({ structs, ds }: { structs: readonly Struct[]; ds: Decoded['ds'] }) {
	const encoder = new Y.UpdateEncoderV1();
	const { restEncoder } = encoder;
	const byClient = Map.groupBy(structs, ({ id }) => id.client);
	encoding.writeVarUint(restEncoder, byClient.size);
	for (const [client, list] of byClient) {
		encoding.writeVarUint(restEncoder, list.length);
		encoding.writeVarUint(restEncoder, client);
		encoding.writeVarUint(restEncoder, list[0]?.id.clock ?? 0);
		for (const struct of list) struct.write(encoder, 0);
	}
	encoding.writeVarUint(restEncoder, ds.clients.size);
	for (const [client, items] of ds.clients) writeDeletions(restEncoder, client, items);
	return encoder.toUint8Array();
}

/** An update that only deletes. */
export function deletingUpdate(spans: readonly Span[]): Uint8Array {
	const encoder = encoding.createEncoder();
	encoding.writeVarUint(encoder, 0); // nothing new
	const byClient = Map.groupBy(spans, ({ client }) => client);
	encoding.writeVarUint(encoder, byClient.size);
	for (const [client, list] of byClient) {
		writeDeletions(
			encoder,
			client,
			list.map(({ clock, length }) => ({ clock, len: length })),
		);
	}
	return encoding.toUint8Array(encoder);
}

function writeDeletions(
	encoder: encoding.Encoder,
	client: number,
	items: readonly { readonly clock: number; readonly len: number }[],
): void {
	encoding.writeVarUint(encoder, client);
	encoding.writeVarUint(encoder, items.length);
	for (const { clock, len } of items) {
		encoding.writeVarUint(encoder, clock);
		encoding.writeVarUint(encoder, len);
	}
}

function keyOf({ client, clock }: { client: number; clock: number }): string {
	return `${client}.${clock}`;
}
