import type { Block, Id, Item } from './scan.ts';

/** Names the list or the key of a map that something stands in; null when it is collected. */
export type PlaceOf = (id: Id) => string | null;

/** How a place is named: a root or the id of a type's item, and the key if it is a map's. */
export function placeName(parent: Id | string, key: string | null): string {
	const name = typeof parent === 'string' ? parent : `${parent.client}:${parent.clock}`;
	return key === null ? name : `${name}/${key}`;
}

/**
 * Whether some item is to stand between two that are not in the same place. Yjs never writes that;
 * where it would end up depends on the copy, so that copies would differ for ever.
 */
export function isTorn(blocks: readonly Block[], placeOf: PlaceOf): boolean {
	const here = new Map(blocks.map((block) => [block.client, block]));
	const known = new Map<Item, string | null>();
	const placeIn = (id: Id) => findPlace(id, { here, known, placeOf });
	return blocks.some(({ items }) =>
		items.some(({ left, right }) => {
			if (!left || !right) return false;
			const [one, other] = [placeIn(left), placeIn(right)];
			return one !== null && other !== null && one !== other;
		}),
	);
}

/** Goes from neighbour to neighbour until one is placed; what it passed stands there too. */
function findPlace(
	from: Id,
	{
		here,
		known,
		placeOf,
	}: {
		here: ReadonlyMap<number, Block>;
		known: Map<Item, string | null>;
		placeOf: PlaceOf;
	},
): string | null {
	const passed: Item[] = [];
	let place: string | null | undefined;
	for (let id = from; place === undefined;) {
		const block = here.get(id.client);
		if (!block || id.clock < block.clock) {
			place = placeOf(id);
			break;
		}
		const item = itemAt(block, id.clock);
		if (!item || known.has(item)) {
			place = (item && known.get(item)) ?? null;
			break;
		}
		passed.push(item);
		const next = item.left ?? item.right;
		if (next) id = next;
		else place = item.parent === null ? null : placeName(item.parent, item.key);
	}
	for (const item of passed) known.set(item, place ?? null);
	return place ?? null;
}

/** The item that begins at or before a clock. */
function itemAt({ items }: Block, clock: number): Item | undefined {
	let low = 0;
	for (let high = items.length; low < high;) {
		const middle = (low + high) >>> 1;
		if ((items[middle]?.clock ?? Infinity) <= clock) low = middle + 1;
		else high = middle;
	}
	return items[low - 1];
}
