import type { ISql, TransactionSql } from 'postgres';
import type { IncidentId, PersonId } from '#core/ids.ts';

/** An incident as it was declared; all else is in its document. */
export interface DeclaredIncident {
	readonly id: IncidentId;
	readonly number: number;
	/** Microseconds since 1970. */
	readonly at: number;
	/** A digest of the request that declared it under an idempotency key. */
	readonly print: string | null;
}

/** The incident with this number. */
export async function findIncident(sql: ISql, number: number): Promise<IncidentId | null> {
	const [row] = await sql<{ id: IncidentId }[]>`select id from incidents where number = ${number}`;
	return row?.id ?? null;
}

/** An incident as the command line lists it. */
export interface ListedIncident {
	readonly id: IncidentId;
	readonly number: number;
}

/** All incidents, the oldest first. */
export async function listIncidents(sql: ISql): Promise<readonly ListedIncident[]> {
	return sql<ListedIncident[]>`select id, number from incidents order by number`;
}

/** The incident with this id, or the one that this person declared under this key. */
export async function findDeclared(
	sql: ISql,
	id: IncidentId,
	{ person, key }: { person: PersonId; key: string | null },
): Promise<DeclaredIncident | null> {
	const [row] = await sql<DeclaredIncident[]>`
		select id, number, print, (extract(epoch from created_at) * 1000000)::int8 as at
		from incidents where id = ${id} or (declared_by = ${person} and key = ${key})`;
	return row ?? null;
}

/** Gives an incident its number; null if this person declared one under this key already. */
export async function insertIncident(
	tx: TransactionSql,
	incident: {
		readonly id: IncidentId;
		readonly by: PersonId;
		readonly key: string | null;
		readonly print: string | null;
		/** Microseconds since 1970. */
		readonly at: number;
	},
): Promise<number | null> {
	const { id, by, key, print, at } = incident;
	const [row] = await tx<{ number: number }[]>`
		insert into incidents (id, declared_by, key, print, created_at)
		values (
			${id}, ${by}, ${key}, ${print},
			timestamptz 'epoch' + ${at}::int8 * interval '1 microsecond'
		)
		on conflict do nothing
		returning number`;
	return row?.number ?? null;
}
