import type { ISql, Sql, TransactionSql } from 'postgres';
import { createHash } from 'node:crypto';
import { roomDocumentOf, type DocumentId, type IncidentId } from '#core/ids.ts';
import { decodeEdits, type Edit } from '#core/incident/turn.ts';

/** A turn that is about to be journaled; a retry sends the very same one. */
export interface NewTurn {
	/** Unique per document: the database refuses it a second time. */
	readonly nonce: string;
	/** The edits in the codec of core/incident/turn.ts. */
	readonly edits: Uint8Array;
}

/** Where a turn stands in the document's history; `at` in microseconds since 1970. */
export interface Place {
	readonly turn: number;
	readonly at: number;
}

/** A committed turn as the journal holds it. */
export interface JournalRow extends Place {
	readonly nonce: string;
	readonly edits: readonly Edit[];
	readonly head: Uint8Array;
}

/** The chain's head before the first turn, from the document's id. */
export function firstHead(document: DocumentId): Uint8Array {
	return createHash('sha256').update(document).digest();
}

/** The database's clock in microseconds since 1970. */
export async function databaseClock(sql: ISql): Promise<number> {
	const [row] = await sql<[{ at: number }]>`
		select (extract(epoch from clock_timestamp()) * 1000000)::int8 as at`;
	return row.at;
}

/** Makes an incident's room document with its first turn, inside the transaction that declares it. */
export async function createRoomDocument(
	tx: TransactionSql,
	incident: IncidentId,
	first: NewTurn & { at: number },
): Promise<Place> {
	const document = roomDocumentOf(incident);
	await tx`
		insert into documents (id, incident, kind, head)
		values (${document}, ${incident}, 'room', ${firstHead(document)})`;
	return appendTurn(tx, document, first);
}

/** Where a document's history stands, or null if there is no such document. */
export async function readPlace(sql: ISql, document: DocumentId): Promise<Place | null> {
	const [row] = await sql<Place[]>`
		select turn, (extract(epoch from at) * 1000000)::int8 as at from documents where id = ${document}`;
	return row ?? null;
}

/** A turn's instant in microseconds since 1970, or null if there is no such turn. */
export async function readTurnTime(
	sql: ISql,
	document: DocumentId,
	turn: number,
): Promise<number | null> {
	const [row] = await sql<{ at: number }[]>`
		select (extract(epoch from at) * 1000000)::int8 as at
		from journal where document = ${document} and turn = ${turn}`;
	return row?.at ?? null;
}

/** How many turns each of these documents has. */
export async function readTurnNumbers(
	sql: ISql,
	documents: readonly DocumentId[],
): Promise<Map<DocumentId, number>> {
	const rows = await sql<{ id: DocumentId; turn: number }[]>`
		select id, turn from documents where id = any(${[...documents]}::uuid[])`;
	return new Map(rows.map(({ id, turn }) => [id, turn]));
}

/**
 * Locks a document's history until the transaction ends, so that what is decided next is decided on
 * the very last state. `at` is the instant that the next turn will have, in microseconds.
 */
export async function lockDocument(tx: TransactionSql, document: DocumentId): Promise<Place> {
	const [row] = await tx<[Place]>`
		select turn, (extract(epoch from greatest(at, clock_timestamp())) * 1000000)::int8 as at
		from documents where id = ${document} for update`;
	return row;
}

/** The turn that carries this nonce, if it was committed. */
export async function findTurn(
	sql: ISql,
	document: DocumentId,
	nonce: string,
): Promise<Place | null> {
	const [row] = await sql<Place[]>`
		select turn, (extract(epoch from at) * 1000000)::int8 as at
		from journal where document = ${document} and nonce = ${nonce}`;
	return row ?? null;
}

/** Which of these nonces a document's turns carry. */
export async function findNonces(
	sql: ISql,
	document: DocumentId,
	nonces: readonly string[],
): Promise<ReadonlySet<string>> {
	const rows = await sql<{ nonce: string }[]>`
		select nonce from journal where document = ${document} and nonce = any(${[...nonces]}::uuid[])`;
	return new Set(rows.map(({ nonce }) => nonce));
}

/**
 * Appends a turn in one statement: its number and the chain's head move with it, over
 * sha256(salt ‖ edits). The salt goes when a turn is redacted, so that its text cannot be guessed.
 * Its instant is the database's clock unless given (microseconds), and never before the turn before.
 * Clock and salt are read once, as two calls in one statement give two of them.
 */
export async function appendTurn(
	sql: ISql,
	document: DocumentId,
	turn: NewTurn & { at?: number },
): Promise<Place> {
	const place = await append(sql, document, turn);
	if (!place) throw new Error('There is no such document.');
	return place;
}

/** As `appendTurn`, unless the history has gone on since turn `after`: then nothing is written, and null. */
export async function appendTurnAfter(
	sql: ISql,
	document: DocumentId,
	turn: NewTurn & { after: number },
): Promise<Place | null> {
	return append(sql, document, turn);
}

async function append(
	sql: ISql,
	document: DocumentId,
	turn: NewTurn & { at?: number; after?: number },
): Promise<Place | null> {
	const [row] = await sql<Place[]>`
		with salted as materialized (
			select ${turn.edits}::bytea as edits, uuid_send(gen_random_uuid()) as salt
		), given as materialized (
			select edits, salt, sha256(salt || edits) as digest,
				coalesce(
					timestamptz 'epoch' + ${turn.at ?? null}::int8 * interval '1 microsecond',
					clock_timestamp()
				) as now
			from salted
		), moved as (
			update documents d set
				turn = d.turn + 1,
				at = greatest(d.at, given.now),
				head = sha256(
					d.head
					|| int8send((extract(epoch from greatest(d.at, given.now)) * 1000000)::int8)
					|| given.digest)
			from given
			where d.id = ${document} and d.turn = coalesce(${turn.after ?? null}::int8, d.turn)
			returning d.id, d.turn, d.at, d.head
		)
		insert into journal (document, turn, at, edits, nonce, salt, digest, head)
		select id, turn, at, edits, ${turn.nonce}, salt, digest, head from moved, given
		returning turn, (extract(epoch from at) * 1000000)::int8 as at`;
	return row ?? null;
}

interface RawRow extends Place {
	readonly nonce: string;
	readonly edits: Uint8Array;
	readonly head: Uint8Array;
	readonly isPassed: boolean;
}

/** A turn whose bytes are none of ours. */
export class UnreadableTurn extends Error {
	readonly turn: number;

	constructor(turn: number, cause: unknown) {
		super(`Turn ${turn} cannot be read.`, { cause });
		this.turn = turn;
	}
}

/**
 * The document's turns after the given one, in order, read in blocks; those that are passed over hold
 * no edits. Throws `UnreadableTurn` when it comes to one.
 */
export async function* readTurns(
	sql: Sql | TransactionSql,
	document: DocumentId,
	after: number,
): AsyncGenerator<JournalRow> {
	const blockSize = 500;
	for (let last = after; ;) {
		const rows = await sql<RawRow[]>`
			select turn, (extract(epoch from at) * 1000000)::int8 as at, nonce, edits, head,
				exists (
					select from passed_turns p where p.document = journal.document
					and turn between from_turn and to_turn
				) as "isPassed"
			from journal where document = ${document} and turn > ${last}
			order by turn limit ${blockSize}`;
		for (const { isPassed, ...row } of rows) yield { ...row, edits: isPassed ? [] : editsOf(row) };
		const newest = rows.at(-1);
		if (!newest || rows.length < blockSize) return;
		last = newest.turn;
	}
}

function editsOf({ turn, edits }: Pick<RawRow, 'turn' | 'edits'>): readonly Edit[] {
	try {
		return decodeEdits(edits);
	} catch (error) {
		throw new UnreadableTurn(turn, error);
	}
}
