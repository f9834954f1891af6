import { Broken, sameBytes } from './broken.ts';

/** A head that somebody outside has kept; null where they do not know after which turn it was. */
export interface KnownHead {
	readonly turn: number | null;
	readonly head: Uint8Array;
}

/** The heads that are known of a history, met one by one as it is walked. */
export class KnownHeads {
	readonly #byTurn: ReadonlyMap<number | null, readonly KnownHead[]>;
	readonly #unplaced: Set<KnownHead>;
	/** The last turn whose head is known. */
	#met: number | null = null;

	constructor(known: readonly KnownHead[]) {
		this.#byTurn = Map.groupBy(known, ({ turn }) => turn);
		this.#unplaced = new Set(this.#byTurn.get(null));
	}

	/** Throws `Broken` if another head is known of this turn. */
	meet({ turn, head }: { readonly turn: number; readonly head: Uint8Array }): void {
		for (const known of this.#byTurn.get(turn) ?? []) {
			if (!sameBytes(known.head, head)) throw new Broken(turn, this.#otherThan(turn));
			this.#met = turn;
		}
		for (const known of this.#unplaced) {
			if (!sameBytes(known.head, head)) continue;
			this.#unplaced.delete(known);
			this.#met = turn;
		}
	}

	#otherThan(turn: number): string {
		const since = (this.#met ?? 0) + 1;
		return since === turn
			? 'Its head is another one than is known.'
			: `Its head is another one than is known: something of turns ${since} to ${turn} was changed.`;
	}

	/** The last turn up to which the history is the known one; null if nothing is known. */
	end(last: number): number | null {
		const beyond = [...this.#byTurn.keys()].filter((turn) => turn !== null && turn > last);
		if (beyond.length > 0) {
			const furthest = Math.max(...beyond.map(Number));
			throw new Broken(last + 1, `It is missing: a head is known of turn ${furthest}.`);
		}
		if (this.#unplaced.size > 0) {
			throw new Broken(null, 'No turn has the head that is known: this is another history.');
		}
		return this.#met;
	}
}
