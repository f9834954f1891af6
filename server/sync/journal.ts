import { randomUUID } from 'node:crypto';
import type { DocumentId, PersonId } from '#core/ids.ts';
import { encodeEdits, type Edit } from '#core/incident/turn.ts';
import type { NewTurn, Place } from '#server/storage/documents.ts';
import type { JournalRow } from '#server/storage/history.ts';

/** The documents' histories as rooms need them: in PostgreSQL, or a simulation's. */
export interface Journal {
	/** To whom each client id of a document belongs. */
	clientsOf(document: DocumentId): Promise<Map<number, PersonId>>;
	/** The turns after the given one, in order. */
	turnsAfter(document: DocumentId, turn: number): AsyncIterable<JournalRow>;
	/** The turn that carries this nonce, if it was committed. */
	find(document: DocumentId, nonce: string): Promise<Place | null>;
	/** How many turns each of these documents has. */
	turnsOf(documents: readonly DocumentId[]): Promise<ReadonlyMap<DocumentId, number>>;
	/**
	 * Appends a turn right after turn `after`; null, and nothing is written, if others came between or
	 * the incident is closed.
	 */
	append(document: DocumentId, turn: NewTurn, after: number): Promise<Place | null>;
	/** Does some work while nobody else appends; all that it wrote is committed once this resolves. */
	decide<T>(document: DocumentId, work: (locked: LockedJournal) => Promise<T>): Promise<T>;
}

/** A document's history while nobody else appends to it. */
export interface LockedJournal {
	/** Where it stands; `at` is the instant that the next turn will have. */
	readonly place: Place;
	/** To whom some client ids belong, those that belong to nobody left out. */
	ownersOf(clients: readonly number[]): Promise<[number, PersonId][]>;
	turnsAfter(turn: number): AsyncIterable<JournalRow>;
	/** Which of these nonces were committed. */
	known(nonces: readonly string[]): Promise<ReadonlySet<string>>;
	/**
	 * Appends turns, and binds the client ids that they use for the first time to persons. `isSealed`:
	 * whether the incident is closed after them.
	 */
	append(
		turns: readonly NewTurn[],
		how: { readonly bindings: ReadonlyMap<number, PersonId>; readonly isSealed: boolean },
	): Promise<readonly Place[]>;
}

/** A turn ready for the journal, under a nonce of its own: sent again, it is the same turn. */
export function newTurn(edits: readonly Edit[], nonce: string = randomUUID()): NewTurn {
	return { nonce, edits: encodeEdits(edits) };
}
