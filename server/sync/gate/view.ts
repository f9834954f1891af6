import * as Y from 'yjs';
import type { DocumentKind, PersonId } from '#core/ids.ts';
import { createDocument, entriesOf } from '#core/incident/document.ts';
import { isKept, shapeOfType, type Shape } from '#core/incident/shape.ts';
import type { Place, Standing } from './ground.ts';
import type { GateView } from './judge.ts';
import type { Deletion, Id } from './scan.ts';

type SharedType = Y.ContentType['type'];

/** A document in memory with what the gate asks of it. */
export class DocumentView implements GateView {
	readonly kind: DocumentKind;
	readonly doc: Y.Doc = createDocument('follower');
	/** To whom each client id belongs: bound at first sight, kept with its first committed struct. */
	readonly clients: Map<number, PersonId>;
	readonly #factsClients = new Set<number>();
	/** The roots by name: what a place's parent is called in an update that names it. */
	readonly #rootNames = new Map(Array.from(this.doc.share, ([name, type]) => [type, name]));
	readonly #shapes = new WeakMap<SharedType, Shape>();

	constructor(clients: Map<number, PersonId>, kind: DocumentKind) {
		this.kind = kind;
		this.clients = clients;
		this.doc.getArray('record').observe(({ changes }) => {
			for (const item of changes.added) this.#factsClients.add(item.id.client);
		});
	}

	/** Whether there is, or was, an entry under this key. */
	hasEntry(key: string): boolean {
		return entriesOf(this.doc)._map.has(key);
	}

	clockOf(client: number): number {
		return Y.getState(this.doc.store, client);
	}

	ownerOf(client: number): PersonId | 'server' | null {
		return this.clients.get(client) ?? (this.clockOf(client) > 0 ? 'server' : null);
	}

	writesFacts(client: number): boolean {
		return this.#factsClients.has(client);
	}

	isDeleted({ client, clock, length }: Deletion): boolean {
		if (clock + length > this.clockOf(client)) return false;
		return this.#every({ client, clock, length }, (struct) => struct.deleted);
	}

	holdsKept(deletion: Deletion): boolean {
		return !this.#every(deletion, (struct) => struct.deleted || !this.#isKept(struct));
	}

	standingAt(id: Id): Standing | null {
		const item = this.#itemAt(id);
		if (!item || !isType(item.parent)) return null;
		const { content } = item;
		const inside = content instanceof Y.ContentType ? content.type : null;
		return {
			place: this.#placeIn(item.parent, item.parentSub),
			left: id.clock > item.id.clock ? { client: id.client, clock: id.clock - 1 } : item.origin,
			right: item.rightOrigin,
			inside: inside && { parent: inside, shape: this.#shapeOf(inside) },
		};
	}

	depthOf(parent: object): number {
		let depth = 0;
		let type = parent as Y.Item['parent'];
		for (; isType(type) && type._item; type = type._item.parent) depth += 1;
		return depth;
	}

	isTaken({ parent, key }: Place): boolean {
		return key !== null && (this.#typeOf(parent)?._map.has(key) ?? false);
	}

	between(
		place: Place,
		{ left, right }: { left: Id | null; right: Id | null },
		most: number,
	): Deletion[] | null {
		const passed: Deletion[] = [];
		const first = left ? this.#itemAt(left) : this.#firstIn(place);
		let from = left ? left.clock + 1 : (first?.id.clock ?? 0);
		for (let item = first; item && passed.length <= most; item = item.right) {
			if (item !== first) from = item.id.clock;
			const { client } = item.id;
			const isLast = right !== null && covers(item, right) && from <= right.clock;
			const end = isLast ? right.clock : endOf(item);
			if (end > from) passed.push({ client, clock: from, length: end - from });
			if (isLast) return passed;
		}
		return right && passed.length <= most ? null : passed;
	}

	#firstIn({ parent, key }: Place): Y.Item | null {
		const type = this.#typeOf(parent);
		if (key === null) return type?._start ?? null;
		let item = type?._map.get(key) ?? null;
		while (item?.left) item = item.left;
		return item;
	}

	#placeIn(type: SharedType, key: string | null): Place {
		return { parent: this.#rootNames.get(type) ?? type, shape: this.#shapeOf(type), key };
	}

	#typeOf(parent: string | object): SharedType | null {
		const type = typeof parent === 'string' ? this.doc.share.get(parent) : parent;
		return type instanceof Y.AbstractType ? type : null;
	}

	#shapeOf(type: SharedType): Shape {
		let shape = this.#shapes.get(type);
		if (!shape) this.#shapes.set(type, (shape = shapeOfType(type)));
		return shape;
	}

	#isKept(struct: Y.Item | Y.GC): boolean {
		if (!(struct instanceof Y.Item) || struct.parentSub === null) return false;
		return isType(struct.parent) && isKept(this.#shapeOf(struct.parent), struct.parentSub);
	}

	#itemAt({ client, clock }: Id): Y.Item | null {
		const structs = this.doc.store.clients.get(client);
		const struct = structs?.[Y.findIndexSS(structs, clock)];
		return struct instanceof Y.Item ? struct : null;
	}

	/** Whether all that is known of a range is so. */
	#every({ client, clock, length }: Deletion, is: (struct: Y.Item | Y.GC) => boolean): boolean {
		const structs = this.doc.store.clients.get(client) ?? [];
		if (clock >= this.clockOf(client)) return true;
		for (let i = Y.findIndexSS(structs, clock); i < structs.length; i++) {
			const struct = structs[i];
			if (!struct || struct.id.clock >= clock + length) return true;
			if (!is(struct)) return false;
		}
		return true;
	}
}

function isType(parent: Y.Item['parent']): parent is SharedType {
	return parent instanceof Y.AbstractType;
}

function endOf({ id, length }: Y.Item): number {
	return id.clock + length;
}

function covers(item: Y.Item, { client, clock }: Id): boolean {
	return item.id.client === client && item.id.clock <= clock && clock < endOf(item);
}
