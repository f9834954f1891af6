import postgres, { type ISql } from 'postgres';
import type { MeasureId } from '#core/review/metrics/measures.ts';
import type { Measured } from '#core/review/metrics/answer.ts';
import { stateCodes } from '#core/review/metrics/times.ts';
import { readMeasuredSums } from './sums/measures.ts';
import type { Plan } from './sums/reading.ts';
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

/** A measure of a group, as JSON tells it. */
interface Told extends Omit<Measured, 'medianMs' | 'p90Ms' | 'p95Ms'> {
	readonly percentiles: readonly number[] | null;
}

type Row = { readonly key: RawKey } & Partial<Readonly<Record<MeasureId, Told>>>;

/** Some measures, each over every group that has incidents. */
export type MeasuredGroups = ReadonlyMap<MeasureId, ReadonlyMap<RawKey, Measured>>;

/** The column that holds a measure. */
export function columnOf(measure: MeasureId): string {
	return postgres.fromCamel(measure);
}

/** Measures over each group that has incidents: from sums where there is a plan, and of very many incidents one after another. */
export async function readMeasured(
	sql: ISql,
	question: Question,
	{
		measures,
		areMany,
		plan,
	}: {
		readonly measures: readonly MeasureId[];
		readonly areMany: boolean;
		readonly plan: Plan | null;
	},
): Promise<MeasuredGroups> {
	if (plan && (!areMany || question.by === null)) {
		return readMeasuredSums(sql, question, { plan, measures });
	}
	if (!plan && (!areMany || question.stretches.length > 0)) {
		return readTogether(sql, question, measures);
	}
	const found: [MeasureId, ReadonlyMap<RawKey, Measured>][] = [];
	for (const measure of measures) {
		if (plan) {
			found.push(...(await readMeasuredSums(sql, question, { plan, measures: [measure] })));
		} else if (question.by === null) {
			found.push([measure, new Map([[null, await readAll(sql, question, measure)]])]);
		} else {
			found.push(...(await readTogether(sql, question, [measure])));
		}
	}
	return new Map(found);
}

/** All of them in one look at the incidents. */
async function readTogether(
	sql: ISql,
	question: Question,
	measures: readonly MeasureId[],
): Promise<MeasuredGroups> {
	if (measures.length === 0) return new Map();
	const told = measures.map((id) => sql`, ${toldOf(sql, id)} as ${sql(id)}`);
	const rows =
		question.stretches.length > 0
			? await readByStretch(sql, question, told)
			: await readByKey(sql, question, { told, columns: measures.map(columnOf) });
	return new Map(measures.map((id) => [id, groupsIn(rows, id)]));
}

/** Stretch by stretch: each has few values to put in order, and an index has its incidents together. */
async function readByStretch(sql: ISql, question: Question, told: Part[]): Promise<readonly Row[]> {
	const { scope, stretches } = question;
	return sql<Row[]>`
		select b.key::int as key, measured.*
		from unnest(
			${stretches.map(({ from }) => from)}::text[]::timestamptz[],
			${stretches.map(({ to }) => to)}::text[]::timestamptz[]
		) with ordinality b (since, until, key), lateral (
			select count(*) as incidents ${told} from projected_measures m
			where ${inScope(sql, scope)} and m.declared_at >= b.since and m.declared_at < b.until
		) measured`;
}

async function readByKey(
	sql: ISql,
	question: Question,
	{ told, columns }: { readonly told: Part[]; readonly columns: readonly string[] },
): Promise<readonly Row[]> {
	return sql<Row[]>`
		select key ${told}
		from (
			${once(sql, question.by)} ${keyOf(sql, question)} as key
				${columns.map((column) => sql`, ${sql(`m.${column}`)}`)}
			from projected_measures m ${groupsOf(sql, question.by)} where ${inPeriod(sql, question)}
		) m
		group by key`;
}

function groupsIn(rows: readonly Row[], id: MeasureId): ReadonlyMap<RawKey, Measured> {
	const groups = new Map<RawKey, Measured>();
	for (const row of rows) {
		const told = row[id];
		if (told) groups.set(row.key, measuredOf(told));
	}
	return groups;
}

function toldOf(sql: ISql, measure: MeasureId) {
	const value = sql(`m.${columnOf(measure)}`);
	return sql`json_build_object(
		'n', count(*) filter (where ${value} >= 0),
		'meanMs', (avg(${value}) filter (where ${value} >= 0))::float8,
		'percentiles', percentile_disc(array[0.5, 0.9, 0.95]) within group (order by ${value})
			filter (where ${value} >= 0),
		'pending', count(*) filter (where ${value} = ${stateCodes.pending}),
		'notApplicable', count(*) filter (where ${value} = ${stateCodes.notApplicable}),
		'invalid', count(*) filter (where ${value} = ${stateCodes.invalid}),
		'zero', count(*) filter (where ${value} = ${stateCodes.zero})
	)`;
}

/** One over all of them: of very many an index has the values in order already. */
async function readAll(sql: ISql, question: Question, measure: MeasureId): Promise<Measured> {
	const value = sql(`m.${columnOf(measure)}`);
	const [valid] = await sql<[Pick<Told, 'n' | 'meanMs' | 'percentiles'>]>`
		select count(*) as n, avg(value)::float8 as "meanMs",
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

function measuredOf({ percentiles, ...told }: Told): Measured {
	const [medianMs = null, p90Ms = null, p95Ms = null] = percentiles ?? [];
	return { ...told, medianMs, p90Ms, p95Ms };
}
