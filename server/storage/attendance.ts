import type { ISql, TransactionSql } from 'postgres';
import type { IncidentId, PersonId } from '#core/ids.ts';

/** A stretch of time in which somebody was in a room, on one connection. Instants are epoch ms. */
export interface Attended {
	readonly incident: IncidentId;
	readonly person: PersonId;
	readonly conn: string;
	readonly enteredAt: number;
	/** Null while they are there. */
	readonly leftAt: number | null;
}

/** Notes who is there now, and who has left. Unknown incidents and persons are left out. */
export async function noteAttendance(sql: ISql, attended: readonly Attended[]): Promise<void> {
	if (attended.length === 0) return;
	await sql`
		insert into attendance (incident, conn, entered_at, person, seen_at, left_at)
		select i.id, given.conn, to_timestamp(given.entered / 1000.0), p.id,
			coalesce(to_timestamp(given.gone / 1000.0), now()), to_timestamp(given.gone / 1000.0)
		from jsonb_to_recordset(${JSON.stringify(attended.map(rowOf))}::text::jsonb)
			as given (incident uuid, person uuid, conn text, entered int8, gone int8)
		join incidents i on i.id = given.incident
		join people p on p.id = given.person
		on conflict (incident, conn, entered_at) do update
		set seen_at = excluded.seen_at, left_at = excluded.left_at`;
}

function rowOf({ enteredAt, leftAt, ...row }: Attended) {
	return { ...row, entered: enteredAt, gone: leftAt };
}

/** Those who were not noted for so long have left when they were last noted: their node is gone. */
export async function endStaleAttendance(sql: ISql, staleMs: number): Promise<void> {
	await sql`
		update attendance set left_at = seen_at
		where left_at is null and seen_at < now() - ${staleMs}::int8 * interval '1 millisecond'`;
}

/**
 * Who was in an incident's room from when to when, also where it was imported from; `leftAt` is null for
 * those who are there.
 */
export async function readAttendance(
	sql: ISql,
	incident: IncidentId,
): Promise<readonly Attended[]> {
	return sql<Attended[]>`
		select incident, person, conn,
			(extract(epoch from entered_at) * 1000)::int8 as "enteredAt",
			(extract(epoch from left_at) * 1000)::int8 as "leftAt"
		from (
			select incident, person, conn, entered_at, left_at
			from attendance where incident = ${incident}
			union all
			select incident, person, conn, entered_at, left_at
			from source_attendance where incident = ${incident}
		) stays order by entered_at, conn`;
}

/** Keeps who was in the room of an imported incident, where that was. */
export async function keepSourceAttendance(
	tx: TransactionSql,
	incident: IncidentId,
	stays: readonly Omit<Attended, 'incident'>[],
): Promise<void> {
	await tx`
		insert into source_attendance (incident, person, conn, entered_at, left_at)
		select ${incident}, given.person, given.conn,
			to_timestamp(given.entered / 1000.0), to_timestamp(given.gone / 1000.0)
		from jsonb_to_recordset(${JSON.stringify(stays.map((stay) => rowOf({ ...stay, incident })))}::text::jsonb)
			as given (person uuid, conn text, entered int8, gone int8)
		on conflict do nothing`;
}
