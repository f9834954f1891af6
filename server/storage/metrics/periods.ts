import type { ISql } from 'postgres';
import type { Kind } from '#core/incident/lifecycle.ts';
import type { stretches } from '#core/review/metrics/groupings.ts';
import type { PeriodEnd } from '#core/review/metrics/query.ts';
import type { Stretch } from './scope.ts';

/** A period as it is asked for. */
export interface AskedPeriod {
	readonly from: PeriodEnd | 'all' | null;
	readonly to: PeriodEnd | null;
	readonly tz: string;
	/** Of which the first incident begins `all`. */
	readonly kind: Kind;
}

/** A period and now, ISO 8601 UTC. `to` may be before `from`. */
export interface Period {
	readonly from: string;
	readonly to: string;
	readonly asOf: string;
}

/** The zone is known to JavaScript, not to this PostgreSQL. */
export const unknownZone = '22023';

/** The period that is asked for: it ends now unless it says otherwise, and begins 90 days before. */
export async function readPeriod(sql: ISql, { from, to, tz, kind }: AskedPeriod): Promise<Period> {
	const [row] = await sql<[Record<keyof Period, Date>]>`
		with ends as (
			select now() as as_of, ${to === null ? sql`now()` : instantOf(sql, to, tz)} as "to"
		), known as (
			select min(declared_at) as first from projected_measures where counts and kind = ${kind}
		)
		select as_of as "asOf", "to", ${beginning(sql, from, tz)} as "from" from ends, known`;
	const iso = (at: Date): string => at.toISOString();
	return { from: iso(row.from), to: iso(row.to), asOf: iso(row.asOf) };
}

function beginning(sql: ISql, from: AskedPeriod['from'], tz: string) {
	const usual = sql`"to" - interval '2160 hours'`;
	if (from === null) return usual;
	if (from === 'all') return sql`case when first < "to" then first else ${usual} end`;
	return instantOf(sql, from, tz);
}

function instantOf(sql: ISql, end: PeriodEnd, tz: string) {
	if ('at' in end) return sql`${new Date(end.at).toISOString()}::timestamptz`;
	return sql`(${end.day}::text::timestamp at time zone ${tz})`;
}

const names = { week: 'YYYY-MM-DD', month: 'YYYY-MM', year: 'YYYY' } as const;

/** The weeks, months or years of a period, in the zone; the first and the last may be cut. At most so many. */
export async function readStretches(
	sql: ISql,
	{ from, to }: Pick<Period, 'from' | 'to'>,
	{ unit, tz, limit }: { unit: (typeof stretches)[number]; tz: string; limit: number },
): Promise<readonly Stretch[]> {
	const rows = await sql<{ key: string; from: Date; to: Date }[]>`
		select to_char(local, ${names[unit]}) as key,
			greatest(local at time zone ${tz}, ${from}::timestamptz) as "from",
			least((local + ${`1 ${unit}`}::text::interval) at time zone ${tz}, ${to}::timestamptz) as "to"
		from generate_series(
			date_trunc(${unit}, ${from}::timestamptz at time zone ${tz}),
			${to}::timestamptz at time zone ${tz},
			${`1 ${unit}`}::text::interval
		) local
		where local at time zone ${tz} < ${to}::timestamptz
		order by local limit ${limit}`;
	return rows.map((row) => ({
		key: row.key,
		from: row.from.toISOString(),
		to: row.to.toISOString(),
	}));
}
