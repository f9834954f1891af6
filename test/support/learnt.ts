import type { Sql } from 'postgres';
import type { IncidentId } from '#core/ids.ts';

/** What lists say of an incident's retrospective. */
export interface Learnt {
	readonly state?: 'draft' | 'inReview' | 'published';
	readonly causes?: readonly string[];
	readonly factors?: readonly string[];
	readonly lessons?: readonly string[];
}

/** Writes what lists say of a retrospective, as if it had been written and published. */
export async function publishRetro(
	sql: Sql,
	incident: IncidentId,
	{ state = 'published', causes = [], factors = [], lessons = [] }: Learnt,
): Promise<void> {
	await sql`
		insert into projected_retros (
			incident, upto_turn, upto_at, state, begun_at, reviewers, approved, version, published_at
		) values (
			${incident}, 1, now(), ${state}, now(), '{}', '{}', ${state === 'published' ? 1 : 0},
			${state === 'published' ? sql`now()` : null}
		)`;
	for (const cause of causes) {
		await sql`insert into projected_causes (incident, cause) values (${incident}, ${cause})`;
	}
	const findings = [
		...factors.map((text) => ['factor', text] as const),
		...lessons.map((text) => ['lesson', text] as const),
	];
	for (const [position, [kind, text]] of findings.entries()) {
		await sql`
			insert into projected_findings (incident, id, kind, text, position)
			values (${incident}, ${`finding ${position}`}, ${kind}, ${text}, ${position})`;
	}
}

/** Adds actions of one person; without `dueOn` they are due at no time. */
export async function addActions(
	sql: Sql,
	incident: IncidentId,
	{ count, owner, dueOn = null }: { count: number; owner: string; dueOn?: string | null },
): Promise<void> {
	await sql`
		insert into actions (id, incident, title, kind, owner, due_on, made_by, changed_by)
		select gen_random_uuid(), ${incident}, 'action', 'prevent', ${owner}, ${dueOn}::date, ${owner}, ${owner}
		from generate_series(1, ${count}::int)`;
}
