import type { ISql, TransactionSql } from 'postgres';
import { incidentOf, kindOf, type DocumentId } from '#core/ids.ts';
import { firstHead } from './chain.ts';

/** Who does not know this schema takes a retrospective for nothing, and its heads for the incident's. */
export const schemaWithRetros = 14;

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

/** The database's clock in microseconds since 1970. */
export async function databaseClock(sql: ISql): Promise<number> {
	const [row] = await sql<[{ at: number }]>`
		select (extract(epoch from clock_timestamp()) * 1000000)::int8 as at`;
	return row.at;
}

/** Makes a document of an incident with its first turn; null if there is one already. */
export async function createDocument(
	tx: TransactionSql,
	document: DocumentId,
	first: NewTurn & { at: number },
): Promise<Place | null> {
	const made = await tx`
		insert into documents (id, incident, kind, head)
		values (${document}, ${incidentOf(document)}, ${kindOf(document)}, ${firstHead(document)})
		on conflict do nothing returning id`;
	return made.length === 0 ? null : appendTurn(tx, document, first);
}

/** Where a document's history stands, or null if there is no such document. */
export async function readPlace(sql: ISql, document: DocumentId): Promise<Place | null> {
	const [row] = await sql<Place[]>`
		select turn, (extract(epoch from at) * 1000000)::int8 as at from documents where id = ${document}`;
	return row ?? null;
}

/** The last turn of a document's history, and the chain's head after it; null if there is no such document. */
export async function readHead(
	sql: ISql,
	document: DocumentId,
): Promise<{
	readonly turn: number;
	readonly head: Uint8Array;
	readonly isSealed: boolean;
} | null> {
	const [row] = await sql<{ turn: number; head: Uint8Array; isSealed: boolean }[]>`
		select turn, head, sealed_at is not null as "isSealed" from documents where id = ${document}`;
	return row ?? null;
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

/**
 * Appends a turn in one statement: its number and the chain's head move with it, over
 * sha256(salt ‖ edits). The salt goes when a turn is redacted, so that its text cannot be guessed.
 * Its instant is the database's clock unless given (microseconds), and never before the turn before.
 * `isSealed` says whether the incident is closed after it; left out, that stays as it is.
 * Clock and salt are read once, as two calls in one statement give two of them.
 */
export async function appendTurn(
	sql: ISql,
	document: DocumentId,
	turn: NewTurn & { readonly at?: number; readonly isSealed?: boolean },
): Promise<Place> {
	const place = await append(sql, document, turn);
	if (!place) throw new Error('There is no such document.');
	return place;
}

/**
 * As `appendTurn`, but nothing is written, and null, if the history has gone on since turn `after`,
 * or the incident is closed: what people write then is nothing that is simply appended.
 */
export async function appendTurnAfter(
	sql: ISql,
	document: DocumentId,
	turn: NewTurn & { readonly after: number },
): Promise<Place | null> {
	return append(sql, document, turn);
}

async function append(
	sql: ISql,
	document: DocumentId,
	turn: NewTurn & { at?: number; after?: number; isSealed?: boolean },
): Promise<Place | null> {
	const [row] = await sql<Place[]>`
		with salted as materialized (
			select ${turn.edits}::bytea as edits, uuid_send(gen_random_uuid()) as salt
		), given as materialized (
			select edits, salt, sha256(salt || edits) as digest,
				coalesce(
					timestamptz 'epoch' + ${turn.at ?? null}::int8 * interval '1 microsecond',
					clock_timestamp()
				) as now, ${turn.after ?? null}::int8 as after, ${turn.isSealed ?? null}::bool as is_sealed
			from salted
		), moved as (
			update documents d set
				turn = d.turn + 1,
				at = greatest(d.at, given.now),
				head = sha256(
					d.head
					|| int8send((extract(epoch from greatest(d.at, given.now)) * 1000000)::int8)
					|| given.digest),
				sealed_at = case given.is_sealed
					when true then coalesce(d.sealed_at, greatest(d.at, given.now))
					when false then null
					else d.sealed_at
				end
			from given
			where d.id = ${document}
				and (given.after is null or (d.turn = given.after and d.sealed_at is null))
			returning d.id, d.turn, d.at, d.head
		)
		insert into journal (document, turn, at, edits, nonce, salt, digest, head)
		select id, turn, at, edits, ${turn.nonce}, salt, digest, head from moved, given
		returning turn, (extract(epoch from at) * 1000000)::int8 as at`;
	return row ?? null;
}

/** Closes a document for people's edits since its last turn, if that is still this one. */
export async function sealDocument(sql: ISql, document: DocumentId, turn: number): Promise<void> {
	await sql`
		update documents set sealed_at = at
		where id = ${document} and turn = ${turn} and sealed_at is null`;
}
