import type { Edit } from '#core/incident/turn.ts';
import type { Place } from '#server/storage/documents.ts';
import type { Ask, Outcome } from './asks.ts';
import type { Draft } from './draft.ts';

/** An answer that is given once its turn is committed. */
export interface Promised {
	readonly ask: Ask;
	readonly outcome: Outcome;
}

/** A turn that the journal has now, and where. */
export interface Written {
	readonly draft: Draft;
	readonly place: Place;
}

/** A turn that is not known to be committed. Its nonce makes every further try the same turn. */
export interface PendingTurn {
	readonly nonce: string;
	/** What people sent; facts are decided anew when it is delivered. */
	readonly parts: readonly Edit[];
	/** What people sent in it and what fits the document no more. */
	readonly aside: readonly Edit[];
	/** The turn as it was made here; null for one from a backlog file. */
	readonly draft: Draft | null;
	/** A try that is still under way; null comes of it if the journal had the turn already. */
	attempt: Promise<Written | null> | null;
	/** What is answered if that try turns out to be committed. */
	promised: readonly Promised[];
	/** What was asked in a try that certainly failed: it is decided anew. */
	readonly withdrawn: Ask[];
}

/** A turn that waits to be committed. */
export function pendingTurn(
	turn: Pick<PendingTurn, 'nonce' | 'parts'> & Partial<PendingTurn>,
): PendingTurn {
	// What became of the try is asked when the turn is delivered; it may fail before.
	turn.attempt?.catch(() => null);
	return { draft: null, aside: [], attempt: null, promised: [], withdrawn: [], ...turn };
}
