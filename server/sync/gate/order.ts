import { Refusal } from '#core/refusal.ts';
import { limits } from '#server/limits.ts';
import type { Ground, Place } from './ground.ts';
import type { Deletion, Id, Item } from './scan.ts';

/**
 * Whether every item of an update is put between two that could have been side by side when it was
 * written. Yjs takes neighbours at their word; of items put between any other two, copies that got
 * them in another order would read another text for ever.
 *
 * Two neighbours, written by people who saw them side by side, know nothing that stands between them:
 * whatever the left one was put before stands at the right one or after it, and whatever the right one
 * was put after stands at the left one or before it. By that, what was put directly after the left one,
 * or directly before the right one, needs no search.
 */
export class Order {
	/** Items whose neighbours' order shows only once the rest of the update is in the document. */
	readonly undecided: Item[] = [];
	readonly #ground: Ground;
	/** Steps that Yjs will take in searching for places, roughly. */
	#steps = 0;
	/** What is counted for each item, left neighbour and key; made when first needed, which is seldom. */
	#stepsOf: Map<Item, number> | null = null;
	#writers: Map<string | object, number> | null = null;
	#firstValues: Map<string | object, Map<string, number>> | null = null;
	#count = 0;

	/** Throws a `Refusal` for neighbours that cannot be. */
	constructor(ground: Ground) {
		this.#ground = ground;
		for (const { items } of ground.blocks) {
			for (const item of items) {
				this.#count += 1;
				const place = this.#placeOf(item);
				if (!place) continue;
				if (place.key === null) this.#checkInList(item, place);
				else this.#checkUnderKey(item, place, place.key);
			}
		}
	}

	#placeOf(item: Item): Place | null {
		const place = this.#ground.placeOf(item);
		if (!item.left || !item.right) return place;
		const other = this.#ground.placeAt(item.right);
		if (place?.parent === other?.parent && place?.key === other?.key) return place;
		throw new Refusal('invalid', 'A part of this edit has neighbours from different places.');
	}

	#checkUnderKey(item: Item, place: Place, key: string): void {
		if (item.right) throw misplaced();
		if (!item.left) this.#countFirstValue(place, key);
		this.#spend(this.#search(item, place)?.length ?? 0);
		this.#countSiblings(item, null);
	}

	/** Each such value makes Yjs go through all that were ever under the key. */
	#countFirstValue({ parent }: Place, key: string): void {
		const all = (this.#firstValues ??= new Map<string | object, Map<string, number>>());
		const counts = all.get(parent) ?? new Map<string, number>();
		const count = (counts.get(key) ?? 0) + 1;
		all.set(parent, counts.set(key, count));
		if (count > limits.firstValuesPerKey) throw tooCostly();
	}

	#checkInList(item: Item, place: Place): void {
		const { left, right } = item;
		const before = left && this.#ground.neighboursOf(left)?.right;
		const after = right && this.#ground.neighboursOf(right)?.left;
		const isDirect =
			left && right ? isSame(left, after) || isSame(right, before) : !before && !after;
		const isSearched = this.#isInDocument(left) && this.#isInDocument(right);
		const between = isSearched ? this.#search(item, place) : null;
		if (!isDirect) {
			if (!left || !right || (isSearched && !between)) throw misplaced();
			if (between?.some((range) => holds(range, before) || holds(range, after))) throw misplaced();
			if (!isSearched) this.undecided.push(item);
		}
		this.#countSteps(item, between?.length ?? 0);
		this.#countSiblings(item, place.parent);
	}

	#isInDocument(id: Id | null): boolean {
		return id === null || this.#ground.itemAt(id) === undefined;
	}

	/** What stands in the document between an item's neighbours. */
	#search({ left, right }: Item, place: Place): Deletion[] | null {
		if (!this.#isInDocument(left)) return null;
		const most = limits.placingSteps - this.#steps;
		return this.#ground.view.between(place, { left, right }, most);
	}

	/** What is put directly before a new item is searched for as long as that one was. */
	#countSteps(item: Item, found: number): void {
		const next = item.right && this.#isInDocument(item.left) && this.#ground.itemAt(item.right);
		const steps = Math.max(found, next ? (this.#stepsOf?.get(next) ?? 0) : 0);
		if (steps > 0) (this.#stepsOf ??= new Map<Item, number>()).set(item, steps);
		this.#spend(steps);
	}

	/** Where several clients of one update write after the same item, Yjs goes through all of it. */
	#countSiblings({ client, left }: Item, parent: Place['parent'] | null): void {
		if (this.#ground.blocks.length === 1) return;
		const after = left ? idText(left) : parent;
		if (after === null) return;
		const writers = (this.#writers ??= new Map<string | object, number>());
		const writer = writers.get(after);
		if (writer === undefined) writers.set(after, client);
		else if (writer !== client) writers.set(after, NaN);
		if (writer !== undefined && writer !== client) this.#spend(this.#count);
	}

	#spend(steps: number): void {
		this.#steps += steps;
		if (this.#steps > limits.placingSteps) throw tooCostly();
	}
}

function misplaced(): Refusal {
	return new Refusal('invalid', 'A part of this edit has neighbours that never were side by side.');
}

function tooCostly(): Refusal {
	return new Refusal('invalid', 'It would take too long to place the parts of this edit.');
}

function isSame(id: Id, other: Id | null | undefined): boolean {
	return id.client === other?.client && id.clock === other.clock;
}

function holds({ client, clock, length }: Deletion, id: Id | null | undefined): boolean {
	return id?.client === client && clock <= id.clock && id.clock < clock + length;
}

function idText({ client, clock }: Id): string {
	return `${client}:${clock}`;
}
