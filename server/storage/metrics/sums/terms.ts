import type { ISql, Sql, TransactionSql } from 'postgres';
import { dayAfter, firstDayOf } from './days.ts';
import { readZone } from '../settings.ts';
import { writeMonth } from './months.ts';
import { writeYear } from './years.ts';

/** Whoever changes what is summed up raises it: terms of an older version are summed up anew. */
export const sumsVersion = 1;

/** The number of the advisory lock of whoever sums up: "sums" as letters. */
const lock = 0x73756d73;

/** From which number of incidents on a month is summed up, and how long after a change in it. */
export interface Summing {
	readonly least: number;
	readonly patienceMs: number;
}

/** What is to be summed up now: months as 2026-11, the oldest first, then years as 2026. */
export async function findUnsummed(sql: ISql, summing: Summing): Promise<readonly string[]> {
	const tz = await readZone(sql);
	return [...(await findMonths(sql, tz, summing)), ...(await findYears(sql, tz))];
}

async function findMonths(
	sql: ISql,
	tz: string,
	{ least, patienceMs }: Summing,
): Promise<readonly string[]> {
	const rows = await sql<{ month: string }[]>`
		with ends as (
			select greatest(min(declared_at), '1970-01-01Z') as first, least(max(declared_at), now()) as last
			from projected_measures where counts and kind = 'incident'
		), months as (
			select to_char(local, 'YYYY-MM') as month, local::date as day, local at time zone 'UTC' as since,
				(local + interval '1 month') at time zone 'UTC' as until
			from ends, generate_series(
				date_trunc('month', first at time zone 'UTC'), last at time zone 'UTC', interval '1 month') local
		)
		select month from months
		where not exists (select from summed_terms s where s.term = month and ${isDone(sql, tz)})
			and exists (
				select from projected_measures m where m.counts and m.kind = 'incident'
					and m.declared_at >= since and m.declared_at < until offset ${least - 1})
			or exists (
				select from summed_terms s where s.term = month and s.version <= ${sumsVersion}
					and (select min(c.at) from changed_months c where c.month = day)
						< now() - ${patienceMs}::int8 * interval '1 ms')
		order by month`;
	return rows.map(({ month }) => month);
}

/** Years of which every month is summed up as it is now. */
async function findYears(sql: ISql, tz: string): Promise<readonly string[]> {
	const rows = await sql<{ year: string }[]>`
		select year from (
			select left(s.term, 4) as year from summed_terms s
			where length(s.term) = 7 and s.tz = ${tz} and ${isFresh(sql)} group by year having count(*) = 12
		) whole
		where not exists (select from summed_terms s where s.term = year and ${isDone(sql, tz)})
		order by year`;
	return rows.map(({ year }) => year);
}

/** That a term `s` is summed up, with the hours of a zone, or by a newer release. */
function isDone(sql: ISql, tz: string) {
	return sql`(s.version > ${sumsVersion} or s.version = ${sumsVersion} and s.tz = ${tz})`;
}

/** That a term `s` says what is so: no change is noted in it. */
function isFresh(sql: ISql) {
	const term = sql`s.term`;
	return sql`s.version = ${sumsVersion} and not exists (
		select from changed_months c
		where c.month >= ${firstDayOf(sql, term)} and c.month < ${dayAfter(sql, term)})`;
}

/** Sums a term up, which is a month (2026-11) or a year (2026), unless somebody else sums up just now. */
export async function sumTerm(sql: Sql, term: string): Promise<void> {
	await sql.begin(async (tx) => {
		if (!(await isAlone(tx))) return;
		const tz = await readZone(tx);
		// Its months may have been changed since it was found.
		if (!isMonth(term) && !(await findYears(tx, tz)).includes(term)) return;
		await tx`set local work_mem = '64MB'`;
		for (const table of ['summed_measures', 'summed_counts', 'summed_downtimes']) {
			await tx`delete from ${tx(table)} where term = ${term}`;
		}
		if (isMonth(term)) {
			await forgetNotes(tx, term);
			await writeMonth(tx, term, tz);
		} else {
			await writeYear(tx, term);
		}
		await tx`
			insert into summed_terms (term, version, tz) values (${term}, ${sumsVersion}, ${tz})
			on conflict (term) do update set version = excluded.version, tz = excluded.tz`;
	});
}

function isMonth(term: string): boolean {
	return term.length > 4;
}

/**
 * What is under way is not seen here, so its note stays: then this month is summed up once more. Its year was made
 * of what the month said before, and no note tells it any more: it is made anew too.
 */
async function forgetNotes(tx: TransactionSql, month: string): Promise<void> {
	await tx`delete from changed_months where month = ${firstDayOf(tx, tx`${month}::text`)}`;
	await tx`delete from summed_terms where term = left(${month}, 4)`;
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
			where not exists (
				select from summed_terms s
				where s.term in (to_char(c.month, 'YYYY-MM'), to_char(c.month, 'YYYY')))`;
	});
}

/** Has everything summed up anew. */
export async function forgetSums(sql: ISql): Promise<void> {
	await sql`delete from summed_terms`;
}

/**
 * The months and years of a period that are summed up as they are now, as 2026-11 and 2026; those alone that have
 * the hours of a zone if one is named.
 */
export async function readSummed(
	sql: ISql,
	{ from, to }: { readonly from: string; readonly to: string },
	hoursOf: string | null = null,
): Promise<ReadonlySet<string>> {
	const hasHours = hoursOf === null ? sql`` : sql`and s.tz = ${hoursOf}`;
	const rows = await sql<{ term: string }[]>`
		select term from summed_terms s
		where term >= to_char(${from}::timestamptz at time zone 'UTC', 'YYYY')
			and term <= to_char(${to}::timestamptz at time zone 'UTC', 'YYYY-MM') and ${isFresh(sql)} ${hasHours}`;
	return new Set(rows.map(({ term }) => term));
}
