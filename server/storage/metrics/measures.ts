import postgres, { type ISql } from 'postgres';
import type { MeasureId } from '#core/review/metrics/measures.ts';
import type { Measured } from '#core/review/metrics/answer.ts';
import { stateCodes } from '#core/review/metrics/times.ts';
import { groupsOf, inPeriod, keyOf, once, type Question, type RawKey } from './scope.ts';

interface Row {
	readonly key: RawKey;
	readonly n: number;
	readonly mean: number | null;
	readonly percentiles: readonly number[] | null;
	readonly pending: number;
	readonly notApplicable: number;
	readonly invalid: number;
	readonly zero: number;
}

/** The column that holds a measure. */
export function columnOf(measure: MeasureId): string {
	return postgres.fromCamel(measure);
}

/** A measure over each group that has incidents. */
export async function readMeasured(
	sql: ISql,
	question: Question,
	measure: MeasureId,
): Promise<ReadonlyMap<RawKey, Measured>> {
	if (question.by === null) return new Map([[null, await readAll(sql, question, measure)]]);
	const value = sql(`m.${columnOf(measure)}`);
	const rows = await sql<Row[]>`
		select key, count(*) filter (where value >= 0) as n,
			(avg(value) filter (where value >= 0))::float8 as mean,
			percentile_disc(array[0.5, 0.9, 0.95]) within group (order by value)
				filter (where value >= 0) as percentiles,
			count(*) filter (where value = ${stateCodes.pending}) as pending,
			count(*) filter (where value = ${stateCodes.notApplicable}) as "notApplicable",
			count(*) filter (where value = ${stateCodes.invalid}) as invalid,
			count(*) filter (where value = ${stateCodes.zero}) as zero
		from (
			${once(sql, question.by)} ${keyOf(sql, question)} as key, ${value} as value
			from projected_measures m ${groupsOf(sql, question.by)} where ${inPeriod(sql, question)}
		) valued
		group by key`;
	return new Map(rows.map((row) => [row.key, measuredOf(row)]));
}

/** The same over all of them: of very many an index has the values in order already. */
async function readAll(sql: ISql, question: Question, measure: MeasureId): Promise<Measured> {
	const value = sql(`m.${columnOf(measure)}`);
	const [valid] = await sql<[Pick<Row, 'n' | 'mean' | 'percentiles'>]>`
		select count(*) as n, avg(value)::float8 as mean,
			percentile_disc(array[0.5, 0.9, 0.95]) within group (order by value) as percentiles
		from (
			select ${value} as value from projected_measures m
			where ${inPeriod(sql, question)} and ${value} >= 0 order by ${value}
		) valued`;
	const others = await sql<{ code: number; count: number }[]>`
		select ${value} as code, count(*) as count from projected_measures m
		where ${inPeriod(sql, question)} and ${value} < 0 group by ${value}`;
	const countOf = (code: number) => others.find((one) => one.code === code)?.count ?? 0;
	return measuredOf({
		...valid,
		pending: countOf(stateCodes.pending),
		notApplicable: countOf(stateCodes.notApplicable),
		invalid: countOf(stateCodes.invalid),
		zero: countOf(stateCodes.zero),
	});
}

function measuredOf({ mean, percentiles, ...row }: Omit<Row, 'key'>): Measured {
	const [medianMs = null, p90Ms = null, p95Ms = null] = percentiles ?? [];
	const { n, pending, notApplicable, invalid, zero } = row;
	return { n, meanMs: mean, medianMs, p90Ms, p95Ms, pending, notApplicable, invalid, zero };
}
