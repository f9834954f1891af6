import type { ISql, PendingQuery, Row } from 'postgres';
import type { Kind } from '#core/incident/lifecycle.ts';
import type { Grouping } from '#core/review/metrics/groupings.ts';

/** A part of a statement. */
export type Part = PendingQuery<Row[]>;

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
export function inScope(sql: ISql, scope: Scope): Part {
	const { kind } = scope;
	return sql`
		m.counts ${kind === null ? sql`` : sql`and m.kind = ${kind}`} ${passing(sql, scope)}`;
}

/** That rows `m` with an incident and its severity pass the filters. */
export function passing(sql: ISql, { severities, service, team, cause }: Scope): Part {
	return sql`
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

/** That a team, or any where it is null, looks after a service of incidents `m`. */
export function isOfTeam(sql: ISql, team: string | null): Part {
	return sql`exists (
		select from projected_services s join services v on v.name = s.service
		where s.incident = m.incident
			and ${team === null ? sql`v.team is not null` : sql`v.team = ${team}`})`;
}

function hasCause(sql: ISql, cause: string) {
	return sql`exists (
		select from projected_causes c where c.incident = m.incident and c.cause = ${cause})`;
}

/** What incidents `m` are joined with, so that each is there for every group that it is in; `once` sees to it that it is there once. */
export function groupsOf(sql: ISql, by: Grouping | null): Part {
	switch (by) {
		case 'service':
			return sql`left join projected_services g on g.incident = m.incident`;
		case 'team':
			return sql`left join (
				projected_services s join services g on g.name = s.service and g.team is not null
			) on s.incident = m.incident`;
		case 'cause':
			return sql`left join projected_causes g on g.incident = m.incident`;
		default:
			return sql``;
	}
}

/** `select`, of rows that tell their incident apart: a team may look after several of its services. */
export function once(sql: ISql, by: Grouping | null): Part {
	return by === 'team' ? sql`select distinct m.incident as counted,` : sql`select`;
}

/** The key of the group that incidents `m` are in. */
export function keyOf(
	sql: ISql,
	{ by, tz, stretches }: Pick<Question, 'by' | 'tz' | 'stretches'>,
): Part {
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
			// The hour since 1970, which began on a Thursday: the same as weekday and hour, in a third of the time.
			return sql`(24 + mod(mod(
				floor(date_part('epoch', ${local}) / 3600)::int8 + 72, 168) + 168, 168))::int`;
		case 'week':
		case 'month':
		case 'year':
			return sql`width_bucket(m.declared_at, ${boundsOf(sql, stretches)})`;
		default:
			return by satisfies never;
	}
}

/** Where stretches begin, as a list that `width_bucket` counts in; read once, not for each row. */
export function boundsOf(sql: ISql, stretches: readonly Stretch[]): Part {
	return sql`(select ${stretches.map(({ from }) => from)}::text[]::timestamptz[])`;
}
