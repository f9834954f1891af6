import * as Y from 'yjs';
import type { EntryId, PersonId } from '#core/ids.ts';
import { createDocument, entriesOf, recordOf } from '#core/incident/document.ts';
import { foldRecord, type RecordState } from '#core/incident/fold.ts';
import { readFacts, type Fact } from '#core/incident/record.ts';
import type { DocumentSize } from '#core/wire.ts';
import type { GateView } from './gate/judge.ts';
import { placeName } from './gate/neighbours.ts';
import type { Deletion, Id } from './gate/scan.ts';
import { Size } from './size.ts';

/** A room's document in memory, after turn `turn`, with what the gate and commands ask of it. */
export class HotDocument implements GateView {
	readonly doc = createDocument('follower');
	/** To whom each client id belongs: bound at first sight, kept with its first committed struct. */
	readonly clients: Map<number, PersonId>;
	/** The client ids whose owner is in the store. */
	readonly kept: Set<number>;
	turn = 0;
	readonly #factsClients = new Set<number>();
	#facts: readonly Fact[] | null = null;
	#state: RecordState | null = null;
	#whole: Uint8Array | null = null;
	#changed: Uint8Array | null = null;
	readonly #size = new Size();

	constructor(clients: Map<number, PersonId>) {
		this.clients = clients;
		this.kept = new Set(clients.keys());
		this.doc.on('update', (update: Uint8Array, _origin, _doc, transaction) => {
			this.#changed = update;
			this.#whole = null;
			this.#size.changed(update.length, lengthOf(transaction.deleteSet));
		});
		recordOf(this.doc).observe((event) => {
			this.#facts = null;
			this.#state = null;
			for (const item of event.changes.added) this.#factsClients.add(item.id.client);
		});
	}

	/** Runs what applies updates and gives what changed, merged, or null for nothing. Throws if a hole is left. */
	change(run: () => void): Uint8Array | null {
		this.#changed = null;
		this.doc.transact(run);
		if (this.doc.store.pendingStructs || this.doc.store.pendingDs) {
			throw new Error('An update left a hole in the document.');
		}
		return this.#changed;
	}

	/** Applies committed updates at once and gives what they changed, merged, or null for nothing. */
	apply(updates: readonly Uint8Array[]): Uint8Array | null {
		return this.change(() => {
			for (const update of updates) Y.applyUpdate(this.doc, update);
		});
	}

	/** What a peer with this state vector lacks. Everybody who joins with nothing gets one encoding. */
	encodeFor(stateVector: Uint8Array): Uint8Array {
		const isEmpty = stateVector.length === 1 && stateVector[0] === 0;
		return isEmpty ? this.#encoded : Y.encodeStateAsUpdate(this.doc, stateVector);
	}

	get #encoded(): Uint8Array {
		return (this.#whole ??= Y.encodeStateAsUpdate(this.doc));
	}

	/** What people are to be told of the document's size; a full one takes deletions only. */
	get size(): DocumentSize | null {
		return this.#size.judge(() => this.#encoded.length);
	}

	get stateVector(): Uint8Array {
		return Y.encodeStateVector(this.doc);
	}

	get facts(): readonly Fact[] {
		return (this.#facts ??= readFacts(this.doc));
	}

	get state(): RecordState {
		return (this.#state ??= foldRecord(this.facts));
	}

	/** The state once these facts, not yet in the document, are committed too. */
	stateAfter(facts: readonly Fact[]): RecordState {
		return facts.length === 0 ? this.state : foldRecord([...this.facts, ...facts]);
	}

	/** Entries that no fact confirms yet, each with the person whose client wrote it. */
	unloggedEntries(): { entry: EntryId; by: PersonId }[] {
		const logged = new Set(this.facts.map((fact) => (fact.kind === 'logged' ? fact.entry : '')));
		const unlogged: { entry: EntryId; by: PersonId }[] = [];
		for (const [key, item] of entriesOf(this.doc)._map) {
			const by = this.clients.get(item.id.client);
			if (by && !item.deleted && !logged.has(key as EntryId)) {
				unlogged.push({ entry: key as EntryId, by });
			}
		}
		return unlogged;
	}

	/** Whether there is, or was, an entry under this key. */
	hasEntry(key: string): boolean {
		return entriesOf(this.doc)._map.has(key);
	}

	clockOf(client: number): number {
		return Y.getState(this.doc.store, client);
	}

	isDeleted({ client, clock, length }: Deletion): boolean {
		const structs = this.doc.store.clients.get(client);
		if (!structs || clock + length > this.clockOf(client)) return false;
		for (let i = Y.findIndexSS(structs, clock); i < structs.length; i++) {
			const struct = structs[i];
			if (!struct || struct.id.clock >= clock + length) return true;
			if (!struct.deleted) return false;
		}
		return true;
	}

	placeOf({ client, clock }: Id): string | null {
		const structs = this.doc.store.clients.get(client) ?? [];
		const item = structs[Y.findIndexSS(structs, clock)];
		if (!(item instanceof Y.Item) || !(item.parent instanceof Y.AbstractType)) return null;
		return placeName(item.parent._item?.id ?? Y.findRootTypeKey(item.parent), item.parentSub);
	}

	isKept(id: Id): boolean {
		return this.#isKeptItem(this.#structAt(id));
	}

	hasKept(parent: Id | string, key: string): boolean {
		if (typeof parent === 'string') return parent === 'entries' && this.hasEntry(key);
		const item = this.#structAt(parent);
		const isEntry = item instanceof Y.Item && item.parent === entriesOf(this.doc);
		if (!isEntry || key !== 'text' || !(item.content instanceof Y.ContentType)) return false;
		return item.content.type._map.has(key);
	}

	holdsKept({ client, clock, length }: Deletion): boolean {
		const structs = this.doc.store.clients.get(client) ?? [];
		if (clock >= this.clockOf(client)) return false;
		for (let i = Y.findIndexSS(structs, clock); i < structs.length; i++) {
			const struct = structs[i];
			if (!struct || struct.id.clock >= clock + length) return false;
			if (!struct.deleted && this.#isKeptItem(struct)) return true;
		}
		return false;
	}

	#structAt({ client, clock }: Id): Y.Item | Y.GC | null {
		const structs = this.doc.store.clients.get(client) ?? [];
		return clock < this.clockOf(client) ? (structs[Y.findIndexSS(structs, clock)] ?? null) : null;
	}

	/** An entry's key, or the text of an entry. */
	#isKeptItem(struct: Y.Item | Y.GC | null): boolean {
		if (!(struct instanceof Y.Item) || struct.parentSub === null) return false;
		const entries = entriesOf(this.doc);
		const { parent, parentSub } = struct;
		if (parent === entries) return true;
		const isEntry = parent instanceof Y.AbstractType && parent._item?.parent === entries;
		return isEntry && parentSub === 'text';
	}

	ownerOf(client: number): PersonId | 'server' | null {
		return this.clients.get(client) ?? (this.clockOf(client) > 0 ? 'server' : null);
	}

	writesFacts(client: number): boolean {
		return this.#factsClients.has(client);
	}

	[Symbol.dispose](): void {
		this.doc.destroy();
	}
}

/** How much a transaction deleted. */
function lengthOf({ clients }: Y.Transaction['deleteSet']): number {
	let length = 0;
	for (const items of clients.values()) for (const { len } of items) length += len;
	return length;
}
