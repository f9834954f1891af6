import type { ISql } from 'postgres';
import { groupsOf, inPeriod, keyOf, once, type Question, type RawKey } from './scope.ts';

/** How long people were in the rooms of a group's incidents, and in how many nights. Never who. */
export interface Presence {
	readonly key: RawKey;
	readonly peopleMs: number;
	readonly nights: number;
	readonly peopleNights: number;
}

/** What a night is, by the clock of the zone. */
const night = { begins: '22 hours', ends: '30 hours' } as const;

/** People-hours: somebody in one room on several connections counts once, in two rooms twice. */
export async function readPresence(sql: ISql, question: Question): Promise<readonly Presence[]> {
	return sql<Presence[]>`
		with stays as (${staysOf(sql, question)}), pieces as (
			select key, greatest(since, max(until) over (
				partition by key, incident, person order by since, until
				rows between unbounded preceding and 1 preceding
			)) as since, until from stays
		), hours as (
			select key, sum((extract(epoch from until - since) * 1000)::int8)::int8 as ms
			from pieces where until > since group by key
		), nightly as (
			select distinct key, person, day
			from (
				select key, person, since at time zone ${question.tz} as since,
					until at time zone ${question.tz} as until from stays
			) local, generate_series(
				date_trunc('day', since - interval '6 hours'), date_trunc('day', until), interval '1 day'
			) day
			where since < day + ${night.ends}::text::interval
				and until > day + ${night.begins}::text::interval
		), nights as (
			select key, count(distinct day) as nights, count(*) as people from nightly group by key
		)
		select hours.key, ms as "peopleMs", coalesce(nights, 0)::int8 as nights,
			coalesce(people, 0)::int8 as "peopleNights"
		from hours left join nights on nights.key is not distinct from hours.key`;
}

/** Who was in the room of an incident from when to when, here or where it was imported from. */
function staysOf(sql: ISql, question: Question) {
	return sql`
		${once(sql, question.by)} ${keyOf(sql, question)} as key, a.incident, a.person, a.entered_at as since,
			coalesce(a.left_at, ${question.asOf}::timestamptz) as until
		from projected_measures m join attendance a using (incident)
		${groupsOf(sql, question.by)} where ${inPeriod(sql, question)}
		union all
		${once(sql, question.by)} ${keyOf(sql, question)}, a.incident, a.person, a.entered_at, a.left_at
		from projected_measures m join source_attendance a using (incident)
		${groupsOf(sql, question.by)} where ${inPeriod(sql, question)}`;
}
