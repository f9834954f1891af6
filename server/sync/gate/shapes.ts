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
	const kept = new Set<Place['parent']>();
	for (const { items } of ground.blocks) {
		for (const item of items) {
			const place = ground.placeOf(item);
			if (!place) continue; // what stands in something collected is collected too
			refuseOddShape(ground, item, place);
			if (!isKept(place.shape, place.key)) continue;
			const isAnew = ground.view.isTaken(place) || kept.has(keptName(place));
			if (item.left || isAnew) throw entryIsReplaced();
			kept.add(keptName(place));
		}
	}
	for (const deletion of deletions) {
		if (ground.view.holdsKept(deletion) || holdsKept(ground, deletion)) throw entryIsReplaced();
	}
}

function refuseOddShape(ground: Ground, item: Item, place: Place): void {
	const { shape, key } = place;
	const content = ground.contentOf(item);
	const isAllowed = key === null ? shape.list?.(content) : shape.under?.(key, content);
	if (!isAllowed) throw new Refusal('invalid', 'This edit holds something that has no place here.');
	if (content.kind === 'type' && ground.depthOf(place) > limits.depth) {
		throw new Refusal('invalid', 'The notes are nested too deep.');
	}
}

/** An entry is new under its key, an entry's text in its entry. */
function keptName({ parent, key }: Place): string | object {
	return typeof parent === 'string' ? `${parent}/${key}` : parent;
}

/** Whether a range deletes something kept that comes with this very update. */
function holdsKept(ground: Ground, { client, clock, length }: Deletion): boolean {
	const block = ground.blocks.find((one) => one.client === client);
	if (!block || clock + length <= block.clock) return false;
	return block.items.some((item) => {
		if (item.end <= clock || item.clock >= clock + length) return false;
		const place = ground.placeOf(item);
		return place !== null && isKept(place.shape, place.key);
	});
}

function entryIsReplaced(): Refusal {
	return new Refusal('invalid', 'An entry is struck, never removed or replaced.');
}
