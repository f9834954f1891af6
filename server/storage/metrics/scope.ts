import type { ISql, PendingQuery, Row } from 'postgres';
import type { Kind } from '#core/incident/lifecycle.ts';
import type { Grouping } from '#core/review/metrics/groupings.ts';

/** A part of a statement. */
type Part = PendingQuery<Row[]>;

/** Which incidents figures are about: of one kind, or of each. A severity '' is none. */
export interface Scope {
	readonly kind: Kind | null;
	readonly severities: readonly string[] | null;
	readonly service: string | null;
	readonly team: string | null;
	readonly cause: string | null;
}

/** A half-open stretch of time and its name: ISO 8601 UTC. */
export interface Stretch {
	readonly key: string;
	readonly from: string;
	readonly to: string;
}

/** A question about the incidents of a half-open period. Instants are ISO 8601 UTC. */
export interface Question {
	readonly scope: Scope;
	readonly from: string;
	readonly to: string;
	/** Now, the same for all questions of an answer. */
	readonly asOf: string;
	readonly tz: string;
	readonly by: Grouping | null;
	/** What the period is cut into, where it is grouped by time. */
	readonly stretches: readonly Stretch[];
}

/** What SQL knows a group by: a name, an hour, or the number of a stretch from 1 on. */
export type RawKey = string | number | null;

/** That incidents `m` are asked for, whenever they were declared. */
export function inScope(sql: ISql, { severities, service, team, cause, ...scope }: Scope): Part {
	return sql`
		m.counts ${scope.kind === null ? sql`` : sql`and m.kind = ${scope.kind}`}
		${severities === null ? sql`` : sql`and m.severity = any(${[...severities]}::text[])`}
		${service === null ? sql`` : sql`and ${concerns(sql, service)}`}
		${team === null ? sql`` : sql`and ${isOfTeam(sql, team)}`}
		${cause === null ? sql`` : sql`and ${hasCause(sql, cause)}`}`;
}

/** That incidents `m` are asked for and were declared in the period. */
export function inPeriod(sql: ISql, { scope, from, to }: Question): Part {
	return sql`
		${inScope(sql, scope)}
		and m.declared_at >= ${from}::timestamptz and m.declared_at < ${to}::timestamptz`;
}

function concerns(sql: ISql, service: string) {
	return sql`exists (
		select from projected_services s where s.incident = m.incident and s.service = ${service})`;
}

function isOfTeam(sql: ISql, team: string) {
	return sql`exists (
		select from projected_services s join services v on v.name = s.service
		where s.incident = m.incident and v.team = ${team})`;
}

function hasCause(sql: ISql, cause: string) {
	return sql`exists (
		select from projected_causes c where c.incident = m.incident and c.cause = ${cause})`;
}

/** What incidents `m` are joined with, so that each is there once for every group that it is in. */
export function groupsOf(sql: ISql, by: Grouping | null): Part {
	switch (by) {
		case 'service':
			return sql`left join projected_services g on g.incident = m.incident`;
		case 'team':
			return sql`left join lateral (
				select distinct v.team from projected_services s join services v on v.name = s.service
				where s.incident = m.incident and v.team is not null
			) g on true`;
		case 'cause':
			return sql`left join projected_causes g on g.incident = m.incident`;
		default:
			return sql``;
	}
}

/** The key of the group that incidents `m` are in. */
export function keyOf(sql: ISql, { by, tz, stretches }: Question): Part {
	const local = sql`m.declared_at at time zone ${tz}`;
	switch (by) {
		case null:
			return sql`null::text`;
		case 'severity':
			return sql`nullif(m.severity, '')`;
		case 'service':
			return sql`g.service`;
		case 'team':
			return sql`g.team`;
		case 'cause':
			return sql`g.cause`;
		case 'kind':
			return sql`m.kind`;
		case 'hour':
			return sql`extract(hour from ${local})::int`;
		case 'weekHour':
			return sql`(extract(isodow from ${local}) * 24 + extract(hour from ${local}))::int`;
		case 'week':
		case 'month':
		case 'year':
			return sql`width_bucket(m.declared_at, ${boundsOf(sql, stretches)})`;
		default:
			return by satisfies never;
	}
}

/** Where stretches begin, as a list that `width_bucket` counts in. */
export function boundsOf(sql: ISql, stretches: readonly Stretch[]): Part {
	return sql`${stretches.map(({ from }) => from)}::text[]::timestamptz[]`;
}
