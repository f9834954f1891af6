import type { ISql } from 'postgres';
import {
	groupsOf,
	inPeriod,
	inScope,
	keyOf,
	once,
	type Part,
	type Question,
	type RawKey,
} from './scope.ts';
import { readCountSums, readRetroSums } from './sums/counts.ts';
import type { Plan } from './sums/reading.ts';

/** What is counted of the incidents of a group that had the same severity; '' is none. */
export interface Counted {
	readonly key: RawKey;
	readonly severity: string;
	readonly incidents: number;
	readonly over: number;
	readonly unknownDowntime: number;
	readonly commanderGapMs: number;
	readonly withoutUpdateMs: number;
}

/** How many incidents each group has, by severity, and how long they went without what they need. */
export async function readCounts(
	sql: ISql,
	question: Question,
	plan: Plan | null,
): Promise<readonly Counted[]> {
	if (!plan) return countEach(sql, question, sql``);
	const waiting = sql`and (m.gap_since is not null or m.silent_since is not null)`;
	const now = await countEach(sql, question, waiting);
	const isSame = (a: Counted) => (b: Counted) => a.key === b.key && a.severity === b.severity;
	return (await readCountSums(sql, question, plan)).map((summed) => {
		const one = now.find(isSame(summed));
		if (!one) return summed;
		return {
			...summed,
			commanderGapMs: summed.commanderGapMs + one.gapsNowMs,
			withoutUpdateMs: summed.withoutUpdateMs + one.silencesNowMs,
		};
	});
}

/** Incident by incident, of those for which more holds. */
async function countEach(
	sql: ISql,
	question: Question,
	more: Part,
): Promise<readonly (Counted & Record<'gapsNowMs' | 'silencesNowMs', number>)[]> {
	const since = (column: 'gap_since' | 'silent_since') => sql`
		coalesce(sum((extract(epoch from ${question.asOf}::timestamptz - ${sql(column)}) * 1000)::int8)
			filter (where ${sql(column)} < ${question.asOf}::timestamptz), 0)`;
	return sql<(Counted & Record<'gapsNowMs' | 'silencesNowMs', number>)[]>`
		select key, severity, count(*) as incidents,
			count(*) filter (where is_over) as over,
			count(*) filter (where not is_downtime_known) as "unknownDowntime",
			(sum(gap_ms) + ${since('gap_since')})::int8 as "commanderGapMs",
			(sum(silent_ms) + ${since('silent_since')})::int8 as "withoutUpdateMs",
			${since('gap_since')}::int8 as "gapsNowMs", ${since('silent_since')}::int8 as "silencesNowMs"
		from (
			${once(sql, question.by)} ${keyOf(sql, question)} as key, m.severity, m.is_over, m.is_downtime_known,
				m.gap_ms, m.gap_since, m.silent_ms, m.silent_since
			from projected_measures m ${groupsOf(sql, question.by)}
			where ${inPeriod(sql, question)} ${more}
		) counted
		group by key, severity`;
}

/** How many incidents that are asked for have no declared time, and so no period. */
export async function countUndated(sql: ISql, { scope }: Question): Promise<number> {
	const [row] = await sql<[{ undated: number }]>`
		select count(*) as undated from projected_measures m
		where ${inScope(sql, scope)} and m.declared_at is null`;
	return row.undated;
}

/** Retrospectives of the incidents of a group. */
export interface Retros {
	readonly key: RawKey;
	readonly begun: number;
	readonly published: number;
	readonly overdue: number;
}

/** How far the retrospectives of each group's incidents are. */
export async function readRetros(
	sql: ISql,
	question: Question,
	plan: Plan | null,
): Promise<readonly Retros[]> {
	if (plan) return readRetroSums(sql, question, plan);
	return sql<Retros[]>`
		select key, count(*) as begun, count(*) filter (where version > 0) as published,
			count(*) filter (where version = 0 and due_at < ${question.asOf}::timestamptz) as overdue
		from (
			${once(sql, question.by)} ${keyOf(sql, question)} as key, r.version, r.due_at
			from projected_retros r join projected_measures m using (incident)
			${groupsOf(sql, question.by)} where ${inPeriod(sql, question)} and m.is_over
		) begun
		group by key`;
}

/** An incident of which a known time was corrected after the period. */
export interface Correction {
	readonly number: number;
	readonly title: string;
	/** ISO 8601 UTC. */
	readonly correctedAt: string;
}

/** The incidents of the period that were corrected after its end: how many, and the last ones. */
export async function readCorrections(
	sql: ISql,
	question: Question,
	limit: number,
): Promise<{ readonly incidents: number; readonly newest: Correction[] }> {
	const rows = await sql<{ number: number; title: string; at: Date; incidents: number }[]>`
		select p.number, p.title, m.corrected_at as at, count(*) over () as incidents
		from projected_measures m join projected_incidents p using (incident)
		where ${inPeriod(sql, question)} and m.corrected_at >= ${question.to}::timestamptz
		order by m.corrected_at desc, p.number desc limit ${limit}`;
	return {
		incidents: rows[0]?.incidents ?? 0,
		newest: rows.map(({ number, title, at }) => ({ number, title, correctedAt: at.toISOString() })),
	};
}
