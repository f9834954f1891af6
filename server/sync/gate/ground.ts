import { shapeInside, shapeOfRoot, type Content, type Shape } from '#core/incident/shape.ts';
import { Refusal } from '#core/refusal.ts';
import { limits } from '#server/limits.ts';
import { readContent } from './content.ts';
import type { Block, Deletion, Id, Item, Scan } from './scan.ts';

/** The list, or the key of a map, that something stands in. */
export interface Place {
	/** Tells lists and maps apart: a root's name, or what holds them in the document or the update. */
	readonly parent: string | object;
	readonly shape: Shape;
	readonly key: string | null;
}

/** Something that stands in the document: where, and between which two it was put. */
export interface Standing {
	readonly place: Place;
	readonly left: Id | null;
	readonly right: Id | null;
	/** The shared type that it holds, with its shape; null if there is none any more. */
	readonly inside: { readonly parent: object; readonly shape: Shape } | null;
}

/** What the gate asks the document about what stands in it. */
export interface GroundView {
	clockOf(client: number): number;
	/** What stands under an id, which must be there; null once it is collected. */
	standingAt(id: Id): Standing | null;
	/** How deep in other types a type of the document is. */
	depthOf(parent: object): number;
	/** Whether something stands, or stood, under the key. */
	isTaken(place: Place): boolean;
	/** Whether a range holds something that is kept and not deleted yet. */
	holdsKept(deletion: Deletion): boolean;
	/**
	 * What stands between two (null: the beginning, the end), as ranges of clocks; it stops when there
	 * are more than `most`. Null if the right one does not come after the left one.
	 */
	between(
		place: Place,
		ends: { left: Id | null; right: Id | null },
		most: number,
	): Deletion[] | null;
}

/** The document as it would be with an update: what stands where. */
export class Ground {
	readonly view: GroundView;
	readonly blocks: readonly Block[];
	readonly #bytes: Uint8Array;
	readonly #blockOf: ReadonlyMap<number, Block>;
	readonly #places = new Map<Item, Place | null>();
	#depths: Map<object, number> | null = null;

	constructor(view: GroundView, bytes: Uint8Array, { blocks, blockOf }: Scan) {
		this.view = view;
		this.blocks = blocks;
		this.#bytes = bytes;
		this.#blockOf = blockOf;
	}

	contentOf(item: Item): Content {
		return readContent(this.#bytes, item);
	}

	/** The update's item under an id; null if it brings that id without its item; undefined if it does not. */
	itemAt({ client, clock }: Id): Item | null | undefined {
		const block = this.#blockOf.get(client);
		if (!block || clock < block.clock) return undefined;
		const { items } = block;
		let low = 0;
		for (let high = items.length; low < high;) {
			const middle = (low + high) >>> 1;
			if ((items[middle]?.clock ?? Infinity) <= clock) low = middle + 1;
			else high = middle;
		}
		const item = items[low - 1];
		return item && clock < item.end ? item : null;
	}

	/** Where something stands; null if it is collected. */
	placeAt(id: Id): Place | null {
		const item = this.itemAt(id);
		if (item) return this.placeOf(item);
		return item === undefined ? (this.view.standingAt(id)?.place ?? null) : null;
	}

	/** Goes from neighbour to neighbour until one is placed; what it passed stands there too. */
	placeOf(from: Item, depth = 0): Place | null {
		const passed: Item[] = [];
		let place: Place | null | undefined;
		for (let item: Item | null = from; place === undefined;) {
			place = this.#places.get(item);
			if (place !== undefined) break;
			passed.push(item);
			const next: Id | null = item.left ?? item.right;
			if (!next) place = this.#placeIn(item, depth);
			else {
				const neighbour = this.itemAt(next);
				if (neighbour) item = neighbour;
				else place = neighbour === null ? null : (this.view.standingAt(next)?.place ?? null);
			}
		}
		for (const item of passed) this.#places.set(item, place ?? null);
		return place ?? null;
	}

	/** Where an item stands that names its parent. */
	#placeIn({ parent, key }: Item, depth: number): Place | null {
		if (parent === null) return null;
		if (typeof parent === 'string') return { parent, shape: shapeOfRoot(parent), key };
		if (depth > limits.notesDepth) throw new Refusal('invalid', 'The notes are nested too deep.');
		const item = this.itemAt(parent);
		if (item === null) return null;
		if (item) {
			const home = this.placeOf(item, depth + 1);
			return home && { parent: item, shape: shapeInside(home.shape, this.contentOf(item)), key };
		}
		const inside = this.view.standingAt(parent)?.inside;
		return inside ? { ...inside, key } : null;
	}

	/** How many types what stands in a place is inside of. */
	depthOf({ parent }: Place): number {
		if (typeof parent === 'string') return 0;
		const depths = (this.#depths ??= new Map<object, number>());
		let depth = depths.get(parent);
		if (depth === undefined) {
			const home = this.#places.get(parent as Item);
			depth = home === undefined ? this.view.depthOf(parent) : home ? this.depthOf(home) + 1 : 0;
			depths.set(parent, depth);
		}
		return depth;
	}

	/** Between which two something was put. */
	neighboursOf(id: Id): { left: Id | null; right: Id | null } | null {
		const item = this.itemAt(id);
		if (!item) return item === undefined ? this.view.standingAt(id) : null;
		const left = id.clock > item.clock ? { client: id.client, clock: id.clock - 1 } : item.left;
		return { left, right: item.right };
	}
}
