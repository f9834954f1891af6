import * as Y from 'yjs';
import { oneOf } from './random.ts';

type Struct = ReturnType<typeof Y.decodeUpdate>['structs'][number];
type Random = () => number;

interface Parts {
	readonly structs: Struct[];
	readonly deletions: { client: number; clock: number; length: number }[];
}

/** An update that somebody bent: by its bytes, or well-formed with other ids, contents and deletions. */
export function mutantOf(update: Uint8Array, doc: Y.Doc, random: Random): Uint8Array {
	if (random() < 0.3) return bendBytes(update, random);
	const parts = partsOf(update);
	const times = 1 + Math.floor(random() * 2);
	for (let i = 0; i < times; i++) oneOf(bends, random)(parts, doc, random);
	const bytes = encode(parts);
	return random() < 0.1 ? bendBytes(bytes, random) : bytes;
}

function bendBytes(update: Uint8Array, random: Random): Uint8Array {
	const bytes = [...update];
	const times = 1 + Math.floor(random() * 3);
	for (let i = 0; i < times; i++) {
		const at = Math.floor(random() * bytes.length);
		const byte = Math.floor(random() * 256);
		const remove = random() < 0.7 ? 1 : Math.floor(random() * 3);
		const insert = random() < 0.8 ? [byte] : bytes.slice(at, at + Math.floor(random() * 6));
		bytes.splice(at, remove, ...insert);
	}
	return Uint8Array.from(bytes);
}

function partsOf(update: Uint8Array): Parts {
	const { structs, ds } = Y.decodeUpdate(update);
	const deletions = [...ds.clients].flatMap(([client, ranges]) =>
		ranges.map(({ clock, len }) => ({ client, clock, length: len })),
	);
	return { structs, deletions };
}

const bends: [Bend, ...Bend[]] = [
	bendNeighbours,
	bendNeighbours,
	bendNeighbours,
	swapNeighbours,
	bendParent,
	bendContent,
	bendClient,
	bendDeletions,
	repeatStruct,
];
type Bend = (parts: Parts, doc: Y.Doc, random: Random) => void;

function someItem({ structs }: Parts, random: Random): Y.Item | null {
	const items = structs.filter((struct) => struct instanceof Y.Item);
	return items[Math.floor(random() * items.length)] ?? null;
}

/** The id of something that the document or the update holds. */
function someId({ structs }: Parts, doc: Y.Doc, random: Random): Y.ID {
	const known = [...doc.store.clients.values(), structs];
	const list = known[Math.floor(random() * known.length)] ?? [];
	const struct = list[Math.floor(random() * list.length)];
	if (!struct) return Y.createID(1, 0);
	return Y.createID(struct.id.client, struct.id.clock + Math.floor(random() * struct.length));
}

function bendNeighbours(parts: Parts, doc: Y.Doc, random: Random): void {
	const item = someItem(parts, random);
	if (!item) return;
	const side = oneOf(['origin', 'rightOrigin'] as const, random);
	item[side] = random() < 0.2 ? null : someId(parts, doc, random);
	if (!item.origin && !item.rightOrigin && !item.parent) item.parent = 'impact' as never;
}

function swapNeighbours(parts: Parts, _doc: Y.Doc, random: Random): void {
	const item = someItem(parts, random);
	if (item) [item.origin, item.rightOrigin] = [item.rightOrigin, item.origin];
}

function bendParent(parts: Parts, doc: Y.Doc, random: Random): void {
	const item = someItem(parts, random);
	if (!item) return;
	item.origin = null;
	item.rightOrigin = null;
	const roots = ['impact', 'notes', 'entries', 'tasks', 'record', 'other'] as const;
	const root = random() < 0.5 ? oneOf(roots, random) : someId(parts, doc, random);
	item.parent = root as never;
	const keys = [null, 'text', 'done', 'level', '__proto__', '01KAV000000000000000000001'] as const;
	item.parentSub = oneOf(keys, random);
}

function bendContent(parts: Parts, _doc: Y.Doc, random: Random): void {
	const item = someItem(parts, random);
	if (!item) return;
	const contents: [() => Y.Item['content'], ...(() => Y.Item['content'])[]] = [
		() => new Y.ContentString('bent'),
		() => new Y.ContentAny([NaN]),
		() => new Y.ContentAny([true, 1]),
		() => new Y.ContentAny([{ ['__proto__']: 1 }]),
		() => new Y.ContentFormat('bold', {}),
		() => new Y.ContentFormat('link', { href: 'javascript:1' }),
		() => new Y.ContentEmbed({ image: '\ud800' }),
		() => new Y.ContentDeleted(1 + Math.floor(random() * 5)),
		() => new Y.ContentType(new Y.Map()),
		() => new Y.ContentType(new Y.Text()),
		() => new Y.ContentType(new Y.XmlText()),
		() => new Y.ContentType(new Y.XmlElement('paragraph')),
		() => new Y.ContentType(new Y.XmlElement('script')),
	];
	item.content = oneOf(contents, random)();
	item.length = item.content.getLength();
}

function bendClient({ structs }: Parts, doc: Y.Doc, random: Random): void {
	const clients: [number, ...number[]] = [5, ...doc.store.clients.keys()];
	const from = oneOf([0, 0, 1, -1] as const, random);
	const client = oneOf(clients, random);
	const first = structs[0]?.id.client;
	const shift = random() < 0.5 ? Y.getState(doc.store, client) - (structs[0]?.id.clock ?? 0) : from;
	for (const struct of structs) {
		if (struct.id.client !== first) continue;
		struct.id = Y.createID(client, Math.max(0, struct.id.clock + shift));
	}
}

function bendDeletions(parts: Parts, doc: Y.Doc, random: Random): void {
	const { client, clock } = someId(parts, doc, random);
	parts.deletions.push({ client, clock, length: 1 + Math.floor(random() * 4) });
}

function repeatStruct({ structs }: Parts, _doc: Y.Doc, random: Random): void {
	const at = Math.floor(random() * structs.length);
	const struct = structs[at];
	if (struct) structs.splice(at, random() < 0.5 ? 0 : 1, struct);
}

/** Writes structs as they are, each client's in one block from its first clock on. */
function encode({ structs, deletions }: Parts): Uint8Array {
	const encoder = new Y.UpdateEncoderV1();
	const write = (...values: number[]) => {
		for (const value of values) encoder.writeLen(value);
	};
	const blocks = Map.groupBy(structs, ({ id }) => id.client);
	write(blocks.size);
	for (const [client, block] of blocks) {
		write(block.length, client, block[0]?.id.clock ?? 0);
		for (const struct of block) struct.write(encoder, 0);
	}
	const ranges = Map.groupBy(deletions, ({ client }) => client);
	write(ranges.size);
	for (const [client, list] of ranges) {
		write(client, list.length, ...list.flatMap(({ clock, length }) => [clock, length]));
	}
	return encoder.toUint8Array();
}
