import * as Y from 'yjs';
import type { DocumentKind, EntryId, PersonId } from '#core/ids.ts';
import { entriesOf, recordOf } from '#core/incident/document.ts';
import { foldRecord, type RecordState } from '#core/incident/fold.ts';
import { readFacts, type Fact } from '#core/incident/record.ts';
import type { DocumentSize } from '#core/wire.ts';
import { DocumentView } from './gate/view.ts';
import { Size } from './size.ts';

/** A room's document in memory, after turn `turn`, with what the gate and commands ask of it. */
export class HotDocument extends DocumentView {
	/** The client ids whose owner is in the store. */
	readonly kept: Set<number>;
	turn = 0;
	#facts: readonly Fact[] | null = null;
	#state: RecordState | null = null;
	#whole: Uint8Array | null = null;
	#changed: Uint8Array | null = null;
	readonly #size = new Size();

	constructor(clients: Map<number, PersonId>, kind: DocumentKind = 'room') {
		super(clients, kind);
		this.kept = new Set(clients.keys());
		this.doc.on('update', (update: Uint8Array) => {
			this.#changed = update;
			this.#whole = null;
			this.#size.grew(update.length);
		});
		this.doc.on('afterTransaction', ({ deleteSet }) => this.#size.shrank(lengthOf(deleteSet)));
		recordOf(this.doc).observe(() => {
			this.#facts = null;
			this.#state = null;
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
