import { isKept } from '#core/incident/shape.ts';
import { Refusal } from '#core/refusal.ts';
import { limits } from '#server/limits.ts';
import type { Ground, Place } from './ground.ts';
import type { Deletion, Item } from './scan.ts';

/**
 * Refuses what has no place in an incident's document (`core/incident/shape.ts`), also where an item
 * names only a neighbour, and whatever replaces or removes an entry, or an entry's text as a whole.
 */
export function refuseOddShapes(ground: Ground, deletions: readonly Deletion[]): void {
	const kept: Item[] = [];
	const names = new Set<Place['parent']>();
	for (const { items } of ground.blocks) {
		for (const item of items) {
			const place = ground.placeOf(item);
			if (!place) continue; // what stands in something collected is collected too
			refuseOddShape(ground, item, place);
			if (!isKept(place.shape, place.key)) continue;
			const name = keptName(place);
			if (item.left || names.has(name) || ground.view.isTaken(place)) throw entryIsReplaced();
			names.add(name);
			kept.push(item);
		}
	}
	const isRemoved = deletions.some((deletion) => ground.view.holdsKept(deletion));
	if (isRemoved || areDeleted(kept, deletions)) throw entryIsReplaced();
}

function refuseOddShape(ground: Ground, item: Item, place: Place): void {
	const { shape, key } = place;
	const content = ground.contentOf(item);
	const isAllowed = key === null ? shape.list?.(content) : shape.under?.(key, content);
	if (!isAllowed) throw new Refusal('invalid', 'This edit holds something that has no place here.');
	if (content.kind === 'type' && ground.depthOf(place) > limits.notesDepth) {
		throw new Refusal('invalid', 'The notes are nested too deep.');
	}
}

/** An entry is new under its key, an entry's text in its entry. */
function keptName({ parent, key }: Place): string | object {
	return typeof parent === 'string' ? `${parent}/${key}` : parent;
}

/** Whether an update deletes some of its own items. */
function areDeleted(items: readonly Item[], deletions: readonly Deletion[]): boolean {
	if (items.length === 0 || deletions.length === 0) return false;
	const clocks = Map.groupBy(items, ({ client }) => client);
	return deletions.some(({ client, clock, length }) => {
		const own = clocks.get(client) ?? [];
		const next = own[firstFrom(own, clock)];
		return next !== undefined && next.clock < clock + length;
	});
}

/** The index of the first item from a clock on. */
function firstFrom(items: readonly Item[], clock: number): number {
	let low = 0;
	for (let high = items.length; low < high;) {
		const middle = (low + high) >>> 1;
		if ((items[middle]?.clock ?? Infinity) < clock) low = middle + 1;
		else high = middle;
	}
	return low;
}

function entryIsReplaced(): Refusal {
	return new Refusal('invalid', 'An entry is struck, never removed or replaced.');
}
