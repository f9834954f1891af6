import type { ISql, Sql, TransactionSql } from 'postgres';
import { writeSums } from './summing.ts';

/** Whoever changes what is summed up raises it: months of an older version are summed up anew. */
export const sumsVersion = 1;

/** The number of the advisory lock of whoever sums up: "sums" as letters. */
const lock = 0x73756d73;

/** From which number of incidents on a month is summed up, and how long after a change in it. */
export interface Summing {
	readonly least: number;
	readonly patienceMs: number;
}

/** The months that are to be summed up, each as its first day, the oldest first. */
export async function findUnsummed(
	sql: ISql,
	{ least, patienceMs }: Summing,
): Promise<readonly string[]> {
	const rows = await sql<{ month: string }[]>`
		with ends as (
			select greatest(min(declared_at), '1970-01-01Z') as first, least(max(declared_at), now()) as last
			from projected_measures where counts and kind = 'incident'
		), months as (
			select local::date as month, local at time zone 'UTC' as since,
				(local + interval '1 month') at time zone 'UTC' as until
			from ends, generate_series(
				date_trunc('month', first at time zone 'UTC'), last at time zone 'UTC', interval '1 month') local
		)
		select to_char(month, 'YYYY-MM-DD') as month from months
		where not exists (
				select from summed_months s where s.month = months.month and s.version >= ${sumsVersion})
			and exists (
				select from projected_measures m where m.counts and m.kind = 'incident'
					and m.declared_at >= since and m.declared_at < until offset ${least - 1})
			or exists (
				select from summed_months s where s.month = months.month and s.version <= ${sumsVersion}
					and (select min(c.at) from changed_months c where c.month = s.month)
						< now() - ${patienceMs}::int8 * interval '1 ms')
		order by month`;
	return rows.map(({ month }) => month);
}

/** Sums a month up, unless somebody else sums up just now. */
export async function sumMonth(sql: Sql, month: string): Promise<void> {
	await sql.begin(async (tx) => {
		if (!(await isAlone(tx))) return;
		// What is under way is not seen here, so its note stays: then this month is summed up once more.
		await tx`delete from changed_months where month = ${month}::date`;
		await writeSums(tx, month);
		await tx`
			insert into summed_months (month, version) values (${month}::date, ${sumsVersion})
			on conflict (month) do update set version = excluded.version`;
	});
}

async function isAlone(tx: TransactionSql): Promise<boolean> {
	const [row] = await tx<[{ isAlone: boolean }]>`
		select pg_try_advisory_xact_lock(${lock}) as "isAlone"`;
	return row.isAlone;
}

/** Forgets changes of months that are not summed up, unless somebody sums up just now. */
export async function forgetChanges(sql: Sql): Promise<void> {
	await sql.begin(async (tx) => {
		// First, in a statement of its own: what is summed up is looked at once nobody else sums up.
		if (!(await isAlone(tx))) return;
		await tx`
			delete from changed_months c
			where not exists (select from summed_months s where s.month = c.month)`;
	});
}

/** Has all months summed up anew. */
export async function forgetSums(sql: ISql): Promise<void> {
	await sql`delete from summed_months`;
}

/** The months of a period that are summed up as they are now, each as its first day. */
export async function readSummed(
	sql: ISql,
	{ from, to }: { readonly from: string; readonly to: string },
): Promise<ReadonlySet<string>> {
	const rows = await sql<{ month: string }[]>`
		select to_char(month, 'YYYY-MM-DD') as month from summed_months s
		where version = ${sumsVersion}
			and month >= date_trunc('month', ${from}::timestamptz at time zone 'UTC')
			and month < ${to}::timestamptz at time zone 'UTC'
			and not exists (select from changed_months c where c.month = s.month)`;
	return new Set(rows.map(({ month }) => month));
}
