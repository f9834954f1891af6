import type { DocumentId } from '#core/ids.ts';
import type { Fact } from '#core/incident/record.ts';

/** A turn that was committed, for those who derive something from it. */
export interface TurnNotice {
	readonly document: DocumentId;
	readonly turn: number;
	/** Epoch ms. */
	readonly at: number;
	/** How many edits it holds, the server's included. */
	readonly edits: number;
	readonly facts: readonly Fact[];
	/** Another node wrote it, and perhaps some before it. */
	readonly isElsewhere?: true;
}
