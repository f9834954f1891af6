import type { ISql } from 'postgres';
import type { IncidentId, PersonId } from '#core/ids.ts';
import type { Severity } from '#core/incident/lifecycle.ts';
import type { Part } from './metrics/scope.ts';

/** An incident that has a retrospective or ought to have one. Instants are epoch ms. */
export interface RetroRow {
	readonly incident: IncidentId;
	readonly incidentNumber: number;
	readonly incidentTitle: string;
	readonly severity: Severity | null;
	/** Null if nobody has begun one. */
	readonly state: 'draft' | 'inReview' | 'published' | null;
	readonly owner: PersonId | null;
	readonly hasOwnerLeft: boolean;
	readonly resolvedAt: number | null;
	/** What was agreed, if anything was. */
	readonly dueAt: number | null;
	readonly version: number;
	readonly publishedAt: number | null;
}

/**
 * Retrospectives that were begun, and incidents of some severities that are over and have none: what is
 * not published comes first, by when it is due, then what was published last. Drills, maintenance, what was
 * imported and what was declared longer ago than `dueMs` are listed only where somebody began one.
 */
export async function readRetroBoard(
	sql: ISql,
	{ severities, dueMs, most }: { severities: readonly Severity[]; dueMs: number; most: number },
): Promise<readonly RetroRow[]> {
	const resolved = sql`(p.milestones->>'resolved')::timestamptz`;
	return sql<RetroRow[]>`
		with due as (
			select p.incident from projected_incidents p
			where p.kind = 'incident' and p.origin <> 'imported' and p.status in ('resolved', 'closed')
				and p.declared_at > now() - ${dueMs}::int8 * interval '1 ms'
				and p.highest_severity = any(${[...severities]}::text[])
				and not exists (select from projected_retros r where r.incident = p.incident)
			order by ${resolved} nulls last, p.number desc limit ${most}
		), begun as (
			select r.incident from projected_retros r join projected_incidents p using (incident)
			where r.state <> 'published'
			order by coalesce(r.due_at, ${resolved}) nulls last, p.number desc limit ${most}
		), published as (
			select r.incident from projected_retros r
			where r.state = 'published' order by r.published_at desc limit ${most}
		)
		select p.incident, p.number as "incidentNumber", p.title as "incidentTitle", p.severity,
			r.state, o.id as owner, o.removed_at is not null as "hasOwnerLeft",
			(extract(epoch from ${resolved}) * 1000)::int8 as "resolvedAt",
			(extract(epoch from r.due_at) * 1000)::int8 as "dueAt", coalesce(r.version, 0) as version,
			(extract(epoch from r.published_at) * 1000)::int8 as "publishedAt"
		from (table due union all table begun union all table published) listed
		join projected_incidents p using (incident)
		left join projected_retros r using (incident)
		left join people o on o.id = r.owner and ${isOfHere(sql, sql`r.owner`)}
		order by coalesce(r.state = 'published', false),
			case when r.state is distinct from 'published' then coalesce(r.due_at, ${resolved}) end nulls last,
			r.published_at desc, p.number desc
		limit ${most}`;
}

/** Whether somebody whom retrospective `r` names is of here: an imported one names people of its source. */
function isOfHere(sql: ISql, person: Part): Part {
	return sql`
		not exists (select from source_people s where s.incident = r.incident and s.person = ${person})`;
}

/** A retrospective that waits for somebody. */
export interface AwaitedRetro {
	readonly incident: IncidentId;
	readonly incidentNumber: number;
	readonly incidentTitle: string;
	/** Whether it is theirs to write or asks for their review. */
	readonly need: 'write' | 'review';
	/** Epoch ms. */
	readonly dueAt: number | null;
}

/** Retrospectives that somebody owns and has not published, or that ask for their review; what is due first before the rest. */
export async function readAwaited(
	sql: ISql,
	person: PersonId,
	most: number,
): Promise<readonly AwaitedRetro[]> {
	const isAsked = sql`
		r.state = 'inReview' and ${person} = any(r.reviewers) and not ${person} = any(r.approved)`;
	return sql<AwaitedRetro[]>`
		select r.incident, p.number as "incidentNumber", p.title as "incidentTitle",
			case when ${isAsked} then 'review' else 'write' end as need,
			(extract(epoch from r.due_at) * 1000)::int8 as "dueAt"
		from projected_retros r
		join projected_incidents p using (incident)
		where r.state <> 'published' and (r.owner = ${person} or ${isAsked})
			and ${isOfHere(sql, sql`${person}::uuid`)}
		order by r.due_at nulls last, p.number
		limit ${most}`;
}
