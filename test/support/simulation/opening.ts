import type { DocumentId } from '#core/ids.ts';
import type { Checkpoint } from '#server/storage/checkpoints.ts';
import type { Place } from '#server/storage/documents.ts';
import type { Journal } from '#server/sync/journal.ts';
import type { Opened } from '#server/sync/roomParts.ts';

/** A journal that also tells what opening a document asks of the store. */
export interface WholeJournal extends Journal {
	/** Where a document's history stands, or null if there is no such document. */
	placeOf(document: DocumentId): Promise<Place | null>;
	newestCheckpoint(document: DocumentId): Promise<Checkpoint | null>;
}

/** What a document is made of, as the journal says and without trying it before. */
export async function openUntried(
	journal: WholeJournal,
	document: DocumentId,
): Promise<Opened | null> {
	if (!(await journal.placeOf(document))) return null;
	const checkpoint = await journal.newestCheckpoint(document);
	let turn = checkpoint?.turn ?? 0;
	const turns: Uint8Array[][] = [];
	for await (const row of journal.turnsAfter(document, turn)) {
		turns.push(row.edits.map(({ bytes }) => bytes));
		turn = row.turn;
	}
	return { state: checkpoint?.state ?? null, turns, turn, quarantine: null };
}
