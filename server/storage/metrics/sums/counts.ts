import type { ISql } from 'postgres';
import type { Counted, Retros } from '../counts.ts';
import type { Question } from '../scope.ts';
import { areAsked, rawKeyOf, spansOf, sumsOf, type Plan } from './reading.ts';

/** The same as from each incident, from sums; what incidents go without now is not in it. */
export async function readCountSums(
	sql: ISql,
	question: Question,
	plan: Plan,
): Promise<readonly Counted[]> {
	const rows = await sql<(Omit<Counted, 'key'> & { nth: number; own: string })[]>`
		select nth, own, severity, sum(incidents)::int8 as incidents, sum(over)::int8 as over,
			sum(unknown_downtime)::int8 as "unknownDowntime", sum(gap_ms)::int8 as "commanderGapMs",
			sum(silent_ms)::int8 as "withoutUpdateMs"
		from (
			${sumsOf(sql, plan, sql`c.severity, c.incidents, c.over, c.unknown_downtime, c.gap_ms, c.silent_ms`)}
				summed_counts c on ${areAsked(sql, plan)}
			union all
			select nth, own, severity, sign, sign * is_over::int, sign * (not is_downtime_known)::int,
				sign * gap_ms, sign * silent_ms
			from (
				${spansOf(sql, { question, plan }, sql`m.severity, m.is_over, m.is_downtime_known, m.gap_ms, m.silent_ms`)}
			) spans
		) parts
		group by nth, own, severity having sum(incidents) > 0`;
	return rows.map(({ nth, own, ...counted }) => ({
		key: rawKeyOf(question, plan, { nth, own }),
		...counted,
	}));
}

/** How far the retrospectives of each group's incidents are, from sums. */
export async function readRetroSums(
	sql: ISql,
	question: Question,
	plan: Plan,
): Promise<readonly Retros[]> {
	const asOf = sql`${question.asOf}::timestamptz`;
	const rows = await sql<(Omit<Retros, 'key'> & { nth: number; own: string })[]>`
		select nth, own, sum(begun)::int8 as begun, sum(published)::int8 as published,
			sum(overdue)::int8 as overdue
		from (
			${sumsOf(sql, plan, sql`c.begun, c.published, width_bucket(${asOf} - interval '1 microsecond', c.due) as overdue`)}
				summed_counts c on ${areAsked(sql, plan)}
			union all
			select nth, own, sign, sign * (version > 0)::int,
				sign * coalesce(version = 0 and due_at < ${asOf}, false)::int
			from (${spansOf(sql, { question, plan }, sql`m.incident, m.is_over`)}) spans
				join projected_retros using (incident)
			where is_over
		) parts
		group by nth, own having sum(begun) > 0`;
	return rows.map(({ nth, own, ...retros }) => ({
		key: rawKeyOf(question, plan, { nth, own }),
		...retros,
	}));
}
