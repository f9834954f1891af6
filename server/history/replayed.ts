import { createHash } from 'node:crypto';
import * as Y from 'yjs';
import type { DocumentKind } from '#core/ids.ts';
import { createDocument } from '#core/incident/document.ts';
import { journalBytes, type HistoryTurn } from '#core/incident/history.ts';
import { readFacts } from '#core/incident/record.ts';
import { decodeEdits, type Edit } from '#core/incident/turn.ts';
import { isIntact, makeSnapshot } from '#server/persister/snapshot.ts';
import type { Checkpoint } from '#server/storage/checkpoints.ts';
import type { Snapshot } from '#server/storage/snapshots.ts';
import { Broken, sameBytes } from './broken.ts';

/** What is kept of a document after exactly one turn. */
export type KeptState =
	| ({ readonly kind: 'checkpoint'; readonly sha256: Uint8Array } & Checkpoint)
	| ({ readonly kind: 'snapshot' } & Snapshot);

/** A document that is made turn by turn, and compared with what is kept of it. */
export class Replayed implements Disposable {
	readonly #doc = createDocument('follower');
	readonly #kind: DocumentKind;
	readonly #states: AsyncIterator<KeptState> | Iterator<KeptState>;
	#next: KeptState | null | undefined;
	#edits = 0;
	/** How many states were as they should be. */
	compared = 0;

	constructor(kind: DocumentKind, states: AsyncIterable<KeptState> | Iterable<KeptState>) {
		this.#kind = kind;
		this.#states =
			Symbol.asyncIterator in states ? states[Symbol.asyncIterator]() : states[Symbol.iterator]();
	}

	/** Throws `Broken` if the turn does not go on from what is there. */
	apply(turn: HistoryTurn): void {
		const edits = turn.unreadable ? editsIn(turn) : turn.edits;
		try {
			this.#doc.transact(() => {
				for (const { bytes } of edits) Y.applyUpdate(this.#doc, bytes);
			});
		} catch {
			throw new Broken(turn.turn, 'Its edits cannot be applied.');
		}
		if (this.#doc.store.pendingStructs || this.#doc.store.pendingDs) {
			throw new Broken(turn.turn, 'Its edits build on what is not there.');
		}
		this.#edits += edits.length;
	}

	/** Compares what is kept of this turn with what there is. Throws `Broken`. */
	async compare(place: { readonly turn: number; readonly head: Uint8Array }): Promise<void> {
		for (;;) {
			const state = await this.#peek();
			if (!state || state.turn > place.turn) return;
			if (state.kind === 'checkpoint') this.#compareCheckpoint(state);
			else this.#compareSnapshot(state, place.head);
			this.compared += 1;
			this.#next = undefined;
		}
	}

	async #peek(): Promise<KeptState | null> {
		if (this.#next !== undefined) return this.#next;
		const { value, done } = await this.#states.next();
		return (this.#next = done ? null : value);
	}

	#compareCheckpoint({ turn, state, sha256, edits }: KeptState & { kind: 'checkpoint' }): void {
		if (!sameBytes(createHash('sha256').update(state).digest(), sha256)) {
			throw new Broken(turn, 'Its checkpoint was changed.');
		}
		const made = Y.encodeStateAsUpdateV2(this.#doc);
		if (!isSameState(state, made) || edits !== this.#edits)
			throw new Broken(turn, 'Its checkpoint is not what the turns give.');
	}

	#compareSnapshot(kept: KeptState & { kind: 'snapshot' }, head: Uint8Array): void {
		const { turn } = kept;
		if (!isIntact(kept)) throw new Broken(turn, 'Its snapshot was changed.');
		if (!sameBytes(kept.head, head)) throw new Broken(turn, 'Its snapshot has another head.');
		const made = makeSnapshot(this.#doc, { turn, head }, this.#kind);
		if (!isSameState(kept.state, made.state) || kept.reading !== made.reading)
			throw new Broken(turn, 'Its snapshot is not what the turns give.');
	}

	/** Nothing may be kept of turns that are not there. Throws `Broken`. */
	async end(last: number): Promise<void> {
		const state = await this.#peek();
		if (state)
			throw new Broken(last + 1, `It is missing: a ${state.kind} is kept of turn ${state.turn}.`);
	}

	/** The stretches of turns from which something was removed, as the record says. */
	removals(): readonly (readonly [from: number, to: number])[] {
		return readFacts(this.#doc).flatMap((fact) => (fact.kind === 'removed' ? fact.turns : []));
	}

	[Symbol.dispose](): void {
		this.#doc.destroy();
	}
}

/**
 * What was deleted in pieces and then with what is around it stays in pieces or becomes one, depending on
 * which turns were applied together. Where bytes differ, what they say when all is applied together counts.
 */
function isSameState(kept: Uint8Array, made: Uint8Array): boolean {
	return sameBytes(kept, made) || sameBytes(atOnce(kept), atOnce(made));
}

function atOnce(state: Uint8Array): Uint8Array {
	const doc = createDocument('follower');
	try {
		Y.applyUpdateV2(doc, state);
		return Y.encodeStateAsUpdateV2(doc);
	} catch {
		return state; // it is none that anything gives
	} finally {
		doc.destroy();
	}
}

/** Bytes may say edits in another way than we do. */
function editsIn(turn: HistoryTurn): readonly Edit[] {
	try {
		return decodeEdits(journalBytes(turn));
	} catch {
		throw new Broken(turn.turn, 'Its edits cannot be read.');
	}
}
