import type { ISql, TransactionSql } from 'postgres';
import type { IncidentId, PersonId } from '#core/ids.ts';
import type { Kind } from '#core/incident/lifecycle.ts';

/** Why an incident is kept, however old it is, and who said so. */
export interface Hold {
	readonly by: PersonId;
	readonly reason: string;
	/** Epoch ms. */
	readonly at: number;
}

/** What keeps an incident; null if nothing does. */
export async function readHold(sql: ISql, incident: IncidentId): Promise<Hold | null> {
	const [row] = await sql<Hold[]>`
		select by, reason, (extract(epoch from at) * 1000)::int8 as at from holds
		where incident = ${incident}`;
	return row ?? null;
}

/** Keeps an incident from now on; whoever says so last is who said so. False if there is no such incident. */
export async function putHold(
	sql: ISql,
	incident: IncidentId,
	{ by, reason }: Pick<Hold, 'by' | 'reason'>,
): Promise<boolean> {
	const rows = await sql`
		insert into holds (incident, by, reason)
		select id, ${by}, ${reason} from incidents where id = ${incident}
		on conflict (incident) do update set by = excluded.by, reason = excluded.reason, at = now()
		returning incident`;
	return rows.length > 0;
}

/** Nothing keeps an incident any more. */
export async function endHold(sql: ISql, incident: IncidentId): Promise<void> {
	await sql`delete from holds where incident = ${incident}`;
}

/**
 * Incidents of a kind that were closed longer ago, and not worked on since, that nothing keeps and nobody is in,
 * the oldest first.
 */
export async function findExpired(
	sql: ISql,
	{ kind, keptMs }: { kind: Kind; keptMs: number },
): Promise<readonly IncidentId[]> {
	const rows = await sql<{ incident: IncidentId }[]>`
		select d.incident from documents d join projected_incidents p using (incident)
		where d.kind = 'room' and p.kind = ${kind} and ${isExpired(sql, keptMs)}
		order by d.sealed_at limit 100`;
	return rows.map(({ incident }) => incident);
}

/**
 * Deletes all that there is of an incident, if it still has expired; gives its number, null if it has
 * not. What keeps it is never deleted: who says so in this very moment is heard.
 */
export async function deleteExpired(
	tx: TransactionSql,
	incident: IncidentId,
	keptMs: number,
): Promise<number | null> {
	// First, so that a turn or a change that is under way is there when it is looked whether it expired.
	await tx`select from documents where incident = ${incident} for update`;
	await tx`select from actions where incident = ${incident} for update`;
	const expired = await tx<{ id: string }[]>`
		select d.id from documents d
		where d.incident = ${incident} and d.kind = 'room' and ${isExpired(tx, keptMs)}`;
	if (expired.length === 0) return null;
	for (const table of ofDocuments) {
		await tx`
			delete from ${tx(table)} where document in (
				select id from documents where incident = ${incident})`;
	}
	for (const table of ofIncidents) {
		await tx`delete from ${tx(table)} where incident = ${incident}`;
	}
	const [row] = await tx<{ number: number }[]>`
		delete from incidents where id = ${incident} returning number`;
	return row?.number ?? null;
}

/**
 * What came from elsewhere is kept as long as what was closed when it came. An incident from which people still
 * learn is not old: the last turn of its retrospective and the last change of an action count as its closing does.
 */
function isExpired(sql: ISql, keptMs: number) {
	const since = sql`now() - ${keptMs}::int8 * interval '1 ms'`;
	return sql`
		d.sealed_at < ${since}
		and not exists (
			select from provenance o where o.incident = d.incident and o.imported_at >= ${since})
		and not exists (
			select from documents r
			where r.incident = d.incident and r.kind = 'retro' and r.at >= ${since})
		and not exists (
			select from actions c where c.incident = d.incident and c.changed_at >= ${since})
		and not exists (select from holds h where h.incident = d.incident)
		and not exists (
			select from attendance a where a.incident = d.incident and a.left_at is null)`;
}

const ofDocuments = [
	...['published_heads', 'snapshots', 'checkpoints', 'segments', 'journal', 'clients'],
	...['passed_turns', 'quarantines', 'derivations', 'projections'],
] as const;
const ofIncidents = [
	...['attendance', 'exports', 'provenance', 'source_people', 'source_attendance'],
	...['imported_incidents'],
	...['projected_entries', 'projected_tasks', 'projected_roles', 'projected_statuses'],
	...['projected_severities', 'projected_milestones', 'projected_services', 'projected_retros'],
	...['projected_findings', 'projected_causes', 'retro_versions'],
	...['actions', 'feedback', 'feedback_given', 'feedback_scores', 'feedback_lines'],
	...['problem_incidents'],
	...['projected_measures', 'projected_downtimes', 'projected_incidents', 'documents'],
] as const;
