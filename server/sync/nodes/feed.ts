import type { DocumentId } from '#core/ids.ts';
import type { Edit } from '#core/incident/turn.ts';
import type { Place } from '#server/storage/documents.ts';

/** A turn as another node tells of it; without its edits they are to be read in the journal. */
export interface ToldTurn extends Place {
	readonly edits: readonly Edit[] | null;
}

/**
 * What the nodes tell each other of their turns, so that nobody waits for the next look into the
 * journal. It may lose everything: the journal is what counts.
 */
export interface Feed {
	/** Tells the others of a turn that is committed. */
	tell(document: DocumentId, turn: ToldTurn): void;
	/** Hears of the others' turns; gives what ends it. */
	listen(document: DocumentId, hear: (turn: ToldTurn) => void): () => void;
	/** Hears that turns may have been missed: the journal is to be looked into. */
	onGap(look: () => void): void;
}

/** Of a node that is alone. */
export const noFeed: Feed = {
	tell: () => undefined,
	listen: () => () => undefined,
	onGap: () => undefined,
};
