import type { ISql, TransactionSql } from 'postgres';
import type { IncidentId, PersonId } from '#core/ids.ts';
import type { ProblemState } from '#core/learning/problems.ts';
import { replaced } from './needles.ts';

/** What several incidents have in common. Instants are epoch ms. */
export interface Problem {
	readonly number: number;
	readonly title: string;
	readonly cause: string | null;
	readonly description: string;
	readonly state: ProblemState;
	readonly owner: PersonId | null;
	/** Whether the owner is nobody of here any more. */
	readonly hasOwnerLeft: boolean;
	readonly version: number;
	readonly madeAt: number;
	readonly changedBy: PersonId;
	readonly changedAt: number;
	/** How many incidents belong to it. */
	readonly incidents: number;
}

/** Problems, those that are not resolved first, the last changed first. */
export async function readProblems(
	sql: ISql,
	{ state, number }: { readonly state?: ProblemState; readonly number?: number },
	most: number,
): Promise<readonly Problem[]> {
	return sql<Problem[]>`
		select q.number, q.title, q.cause, q.description, q.state, q.owner,
			o.removed_at is not null as "hasOwnerLeft", q.version,
			(extract(epoch from q.made_at) * 1000)::int8 as "madeAt", q.changed_by as "changedBy",
			(extract(epoch from q.changed_at) * 1000)::int8 as "changedAt",
			(select count(*) from problem_incidents i where i.problem = q.number)::int as incidents
		from problems q left join people o on o.id = q.owner
		where ${state === undefined ? sql`true` : sql`q.state = ${state}`}
			and ${number === undefined ? sql`true` : sql`q.number = ${number}`}
		order by q.state = 'resolved', q.changed_at desc, q.number desc limit ${most}`;
}

/** What somebody says of a problem. */
export type ProblemFields = Pick<Problem, 'title' | 'cause' | 'description' | 'state' | 'owner'>;

/** Adds a problem and gives its number; null if this person added one under this key already. */
export async function insertProblem(
	sql: ISql,
	problem: ProblemFields,
	{ by, key, print }: { by: PersonId; key: string | null; print: string | null },
): Promise<number | null> {
	const { title, cause, description, state, owner } = problem;
	const [row] = await sql<{ number: number }[]>`
		insert into problems (title, cause, description, state, owner, made_by, changed_by, key, print)
		values (
			${title}, ${cause}, ${description}, ${state}, ${owner}, ${by}, ${by}, ${key}, ${print}
		)
		on conflict (made_by, key) do nothing returning number`;
	return row?.number ?? null;
}

/** The problem that somebody added under a key, with the digest of that request. */
export async function findMadeProblem(
	sql: ISql,
	by: PersonId,
	key: string,
): Promise<{ readonly number: number; readonly print: string | null } | null> {
	const [row] = await sql<{ number: number; print: string | null }[]>`
		select number, print from problems where made_by = ${by} and key = ${key}`;
	return row ?? null;
}

/** Nobody else changes this problem until the transaction ends. */
export async function lockProblem(tx: TransactionSql, number: number): Promise<void> {
	await tx`select from problems where number = ${number} for update`;
}

/** Writes what a problem is now. */
export async function updateProblem(
	tx: TransactionSql,
	number: number,
	{ by, ...problem }: ProblemFields & { readonly by: PersonId },
): Promise<void> {
	const { title, cause, description, state, owner } = problem;
	await tx`
		update problems set title = ${title}, cause = ${cause}, description = ${description},
			state = ${state}, owner = ${owner}, version = version + 1, changed_by = ${by}, changed_at = now()
		where number = ${number}`;
}

/** Deletes a problem that no incident belongs to. */
export async function deleteProblem(tx: TransactionSql, number: number): Promise<void> {
	await tx`delete from problems where number = ${number}`;
}

/** An incident as a problem lists it, with what its retrospective says contributed. */
export interface ProblemIncident {
	readonly incident: IncidentId;
	readonly incidentNumber: number;
	readonly incidentTitle: string;
	/** Epoch ms; null while lists do not know it. */
	readonly declaredAt: number | null;
	readonly factors: readonly string[];
}

/** The incidents of a problem, the newest first. */
export async function readProblemIncidents(
	sql: ISql,
	problem: number,
): Promise<readonly ProblemIncident[]> {
	return sql<ProblemIncident[]>`
		select ${incidentColumns(sql)}
		from problem_incidents m join incidents i on i.id = m.incident
		left join projected_incidents p on p.incident = i.id
		where m.problem = ${problem} order by i.number desc`;
}

/** Incidents that name the same cause and do not belong to a problem yet, the newest first. */
export async function suggestIncidents(
	sql: ISql,
	{ problem, cause, most }: { problem: number; cause: string; most: number },
): Promise<readonly ProblemIncident[]> {
	return sql<ProblemIncident[]>`
		select ${incidentColumns(sql)}
		from projected_causes c join incidents i on i.id = c.incident
		left join projected_incidents p on p.incident = i.id
		where c.cause = ${cause} and not exists (
			select from problem_incidents m where m.problem = ${problem} and m.incident = i.id)
		order by i.number desc limit ${most}`;
}

function incidentColumns(sql: ISql) {
	return sql`
		i.id as incident, i.number as "incidentNumber", coalesce(p.title, '') as "incidentTitle",
		(extract(epoch from p.declared_at) * 1000)::int8 as "declaredAt",
		array(
			select f.text from projected_findings f
			where f.incident = i.id and f.kind = 'factor' order by f.position) as factors`;
}

/** Says that an incident belongs to a problem. */
export async function insertProblemIncident(
	tx: TransactionSql,
	{ problem, incident, by }: { problem: number; incident: IncidentId; by: PersonId },
): Promise<void> {
	await tx`
		insert into problem_incidents (problem, incident, added_by)
		values (${problem}, ${incident}, ${by}) on conflict do nothing`;
}

/** An incident does not belong to a problem any more. */
export async function deleteProblemIncident(
	tx: TransactionSql,
	{ problem, incident }: { problem: number; incident: IncidentId },
): Promise<void> {
	await tx`
		delete from problem_incidents where problem = ${problem} and incident = ${incident}`;
}

/** Takes a text out of the problems to which an incident belongs, for good; gives how many held it. */
export async function removeFromProblems(
	tx: TransactionSql,
	incident: IncidentId,
	needle: string,
): Promise<number> {
	const rows = await tx`
		update problems set title = ${replaced(tx, 'title', needle)},
			description = ${replaced(tx, 'description', needle)},
			cause = ${replaced(tx, 'cause', needle)}, print = null, version = version + 1
		where number in (select problem from problem_incidents where incident = ${incident})
			and (strpos(title, ${needle}) > 0 or strpos(description, ${needle}) > 0
				or strpos(cause, ${needle}) > 0)
		returning number`;
	return rows.length;
}
