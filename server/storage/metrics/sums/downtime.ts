import type { ISql } from 'postgres';
import type { DowntimeQuestion } from '../downtime.ts';
import { groupsOf, keyOf, once, passing, type Part } from '../scope.ts';
import { areAsked, type Plan } from './reading.ts';
import { coverOf } from './spans.ts';

/**
 * Outages of each group, clipped to the period, without what covers another: from the union of each month or year, and
 * from the incidents where there is none, or where the outage goes on. The group's key is null where it is ''.
 */
export function pieceSumsOf(sql: ISql, question: DowntimeQuestion, plan: Plan): Part {
	const { from, until, asOf, downtimeSeverities } = question;
	const isGrouped = plan.cut.groups !== 'none';
	const { sums, gaps } = coverOf({ from, to: until }, plan.known);
	const severities = sql`${[...downtimeSeverities]}::text[]`;
	const key = isGrouped ? sql`coalesce(${keyOf(sql, question)}, '')` : sql`''`;
	const by = isGrouped ? question.by : null;
	return sql`
		select nullif(own, '') as key, lower(piece) as since, upper(piece) as until
		from (
			select own, range_agg(outages) * tstzmultirange(tstzrange(${from}, ${until})) as outages
			from (
				select ${isGrouped ? sql`c.key` : sql`''`} as own, c.outages
				from unnest(${[...sums]}::text[]) b (sum) join summed_downtimes c
					on ${areAsked(sql, plan)} and c.severity = any(${severities})
				union all
				select own, tstzmultirange(outage) from (
					${once(sql, by)} ${key} as own, tstzrange(m.since, m.until) as outage
					from unnest(
						${gaps.map((one) => one.from)}::text[]::timestamptz[],
						${gaps.map((one) => one.to)}::text[]::timestamptz[]
					) b (since, until)
					join projected_downtimes m on tstzrange(m.since, m.until) && tstzrange(b.since, b.until)
					${groupsOf(sql, by)}
					where m.until is not null and m.severity = any(${severities}) ${passing(sql, question.scope)}
				) closed
				union all
				select own, tstzmultirange(outage) from (
					${once(sql, by)} ${key} as own, tstzrange(m.since, ${asOf}::timestamptz) as outage
					from projected_downtimes m ${groupsOf(sql, by)}
					where m.until is null and m.since < ${asOf}::timestamptz
						and m.severity = any(${severities}) ${passing(sql, question.scope)}
				) open
			) parts
			group by own
		) merged, unnest(outages) piece`;
}
