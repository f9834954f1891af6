import { limits } from '#server/limits.ts';
import type { CommittedTurn } from './catchUp.ts';
import type { ToldTurn } from './feed.ts';

/** Turns that other nodes told of, until they are next. */
export class Told {
	readonly #turns = new Map<number, ToldTurn>();
	/** The last turn that is known to be in the journal. */
	#last = 0;

	/** Keeps a turn; what does not fit is read in the journal. */
	keep(turn: ToldTurn): void {
		this.#last = Math.max(this.#last, turn.turn);
		if (turn.edits && this.#turns.size < limits.heardTurns) this.#turns.set(turn.turn, turn);
	}

	/** The turns right after this one, in order, as far as they are known. */
	takeAfter(turn: number): CommittedTurn[] {
		const next: CommittedTurn[] = [];
		for (let at = turn + 1; ; at++) {
			const { edits = null, ...place } = this.#turns.get(at) ?? {};
			if (!edits) break;
			next.push({ turn: at, at: 0, ...place, edits, nonce: null });
		}
		const reached = turn + next.length;
		for (const known of this.#turns.keys()) if (known <= reached) this.#turns.delete(known);
		return next;
	}

	/** The last turn beyond this one that the journal is known to have, or null. */
	beyond(turn: number): number | null {
		return this.#last > turn ? this.#last : null;
	}
}
