import type { ISql } from 'postgres';
import type { Severity } from '#core/incident/lifecycle.ts';
import { stretches as stretchGroupings, type Grouping } from '#core/review/metrics/groupings.ts';
import { pieceSumsOf } from './sums/downtime.ts';
import type { Plan } from './sums/reading.ts';
import {
	boundsOf,
	groupsOf,
	keyOf,
	once,
	passing,
	type Part,
	type Question,
	type RawKey,
} from './scope.ts';

/** Which severities are downtime, and until when it is looked at: ISO 8601 UTC. */
export interface DowntimeQuestion extends Question {
	readonly downtimeSeverities: readonly Severity[];
	readonly until: string;
}

/**
 * How long at least one incident of a group was an outage, in ms, within the period or the group's part
 * of it: each stretch of time counts once, whoever else was an outage then.
 */
export async function readDowntime(
	sql: ISql,
	question: DowntimeQuestion,
	plan: Plan | null,
): Promise<ReadonlyMap<RawKey, number>> {
	const pieces = plan
		? pieceSumsOf(sql, question, plan)
		: piecesOf(sql, isCut(question.by) ? { ...question, by: null } : question);
	const rows = isCut(question.by)
		? await readByStretch(sql, question, pieces)
		: await sql<{ key: RawKey; ms: number }[]>`
			with pieces as (${pieces})
			select key, sum((extract(epoch from until - since) * 1000)::int8)::int8 as ms
			from pieces group by key`;
	return new Map(rows.map(({ key, ms }) => [key, ms]));
}

function isCut(by: Grouping | null): boolean {
	return stretchGroupings.some((unit) => unit === by);
}

/** Pieces of outages, cut where stretches begin. */
async function readByStretch(sql: ISql, { stretches }: DowntimeQuestion, pieces: Part) {
	return sql<{ key: number; ms: number }[]>`
		with pieces as (${pieces}), bounds as (
			select ${boundsOf(sql, stretches)} as list
		)
		select n as key, sum((extract(epoch from
			least(until, coalesce(list[n + 1], until)) - greatest(since, list[n])) * 1000)::int8)::int8 as ms
		from pieces, bounds,
			generate_series(width_bucket(since, list), width_bucket(until, list)) n
		group by n`;
}

/** Outages of each group, clipped to the period, each without what an earlier one of the group covers. */
function piecesOf(sql: ISql, question: DowntimeQuestion) {
	const { scope, from, until, asOf, downtimeSeverities } = question;
	return sql`
		select key, greatest(since, reached) as since, until from (
			select key, since, until, max(until) over (
				partition by key order by since, until rows between unbounded preceding and 1 preceding
			) as reached
			from (
				${once(sql, question.by)} ${keyOf(sql, question)} as key, greatest(m.since, ${from}::timestamptz) as since,
					least(coalesce(m.until, ${asOf}::timestamptz), ${until}::timestamptz) as until
				from projected_downtimes m ${groupsOf(sql, question.by)}
				where tstzrange(m.since, m.until) && tstzrange(${from}, ${until})
					and m.severity = any(${[...downtimeSeverities]}::text[]) ${passing(sql, scope)}
			) clipped
		) ordered
		where reached is null or until > reached`;
}
