import type { DocumentId } from '#core/ids.ts';
import type { Edit } from '#core/incident/turn.ts';
import type { Place } from '#server/storage/documents.ts';

/** A turn as another node tells of it; without its edits they are to be read in the journal. */
export interface ToldTurn extends Place {
	readonly edits: readonly Edit[] | null;
}

/** What a room hears of its document on other nodes. */
export interface FeedListener {
	turn(turn: ToldTurn): void;
	carets(carets: Uint8Array): void;
	/** From now on nothing is missed; something may have been before. */
	held(): void;
}

/**
 * What the nodes tell each other of their turns, so that nobody waits for the next look into the
 * journal. It may lose everything: the journal is what counts.
 */
export interface Feed {
	/** Tells the others of a turn that is committed. */
	tell(document: DocumentId, turn: ToldTurn): void;
	/** Tells the others where the carets of this node's people are, as people are shown them. */
	tellCarets(document: DocumentId, carets: Uint8Array): void;
	/** Hears what the others tell; gives what ends it. */
	listen(document: DocumentId, hears: FeedListener): () => void;
	/** Hears that turns may have been missed: the journal is to be looked into. */
	onGap(look: () => void): void;
}

/** Of a node that is alone. */
export const noFeed: Feed = {
	tell: () => undefined,
	tellCarets: () => undefined,
	listen: () => () => undefined,
	onGap: () => undefined,
};
