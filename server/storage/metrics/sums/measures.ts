import type { ISql } from 'postgres';
import type { Measured } from '#core/review/metrics/answer.ts';
import type { MeasureId, MeasureState } from '#core/review/metrics/measures.ts';
import { stateCodes } from '#core/review/metrics/times.ts';
import { columnOf, type MeasuredGroups } from '../measures.ts';
import type { Part, Question, RawKey } from '../scope.ts';
import { bucketsOf } from './dimensions.ts';
import { percentilesOf } from './percentiles.ts';
import { areAsked, rawKeyOf, spansOf, sumsOf, type Plan } from './reading.ts';

interface Asked {
	readonly plan: Plan;
	readonly measures: readonly MeasureId[];
}

interface Row extends Omit<Measured, 'medianMs' | 'p90Ms' | 'p95Ms'> {
	readonly nth: number;
	readonly own: string;
	/** The place of its measure among those that are asked for, from 1 on. */
	readonly place: number;
	readonly lengths: readonly number[] | null;
}

/** Numbers of measures are below this. */
const mostMeasures = 16;

/**
 * The same as from each incident, from sums. A percentile is the value of a rank: the buckets say in which of them
 * it lies, and only that one's values are looked at.
 */
export async function readMeasuredSums(
	sql: ISql,
	question: Question,
	{ plan, measures }: Asked,
): Promise<MeasuredGroups> {
	const found = new Map(measures.map((id) => [id, new Map<RawKey, Measured>()]));
	if (measures.length === 0) return found;
	const rows = await readRows(sql, question, { plan, measures });
	for (const { nth, own, place, lengths, ...told } of rows) {
		const [medianMs = null, p90Ms = null, p95Ms = null] = lengths ?? [];
		const key = rawKeyOf(question, plan, { nth, own });
		const measure = measures[place - 1];
		if (measure) found.get(measure)?.set(key, { ...told, medianMs, p90Ms, p95Ms });
	}
	return found;
}

/** How many incidents are in a state of a measure, from sums. */
export async function countStateSums(
	sql: ISql,
	question: Question,
	{ plan, measure, state }: { plan: Plan; measure: MeasureId; state: MeasureState },
): Promise<number> {
	const [row] = await sql<[Record<MeasureState, number>?]>`
		with ${valuesOf(sql, question, { plan, measures: [measure] })}, ${countedOf(sql)}
		select n as valid, pending::int8 as pending, not_applicable::int8 as "notApplicable",
			invalid::int8 as invalid, zero::int8 as zero
		from counted`;
	return row?.[state] ?? 0;
}

async function readRows(sql: ISql, question: Question, asked: Asked): Promise<readonly Row[]> {
	return sql<Row[]>`
		with ${valuesOf(sql, question, asked)}, ${countedOf(sql)}, ${percentilesOf(sql)}
		select nth, own, counted.group_id % ${mostMeasures}::int as place, n,
			(total / nullif(n, 0))::float8 as "meanMs", lengths,
			pending::int8 as pending, not_applicable::int8 as "notApplicable",
			invalid::int8 as invalid, zero::int8 as zero
		from counted left join percentiles using (group_id)
			join owners on owners.group_id = counted.group_id - counted.group_id % ${mostMeasures}::int
		where n + pending + not_applicable + invalid + zero > 0`;
}

/** `sums` and `single` incidents of each group, which is a measure of an `owner`. */
function valuesOf(sql: ISql, question: Question, { plan, measures }: Asked): Part {
	const columns = measures.map((id) => sql`, ${sql(`m.${columnOf(id)}`)}`);
	const singles = measures
		.map(
			(id, i) => sql`
				select group_id + ${i + 1}::int as group_id, sign, ${sql(columnOf(id))} as length
				from spans join owners using (nth, own)`,
		)
		.reduce((all, one) => sql`${all} union all ${one}`);
	const starts = sql`${[...bucketsOf(plan.cut.dimension)]}::int8[]`;
	return sql`
		spans as materialized (${spansOf(sql, { question, plan }, sql`m.incident ${columns}`)}),
		found as materialized (
			${sumsOf(sql, plan, sql`c.measure, c.n, c.total, c.pending, c.not_applicable, c.invalid, c.zero, c.buckets, c.ends, c.lengths`)}
				summed_measures c on ${areAsked(sql, plan)}
				and c.measure = any(${[...measures]}::text[])
		),
		-- Groups are sorted and compared very often: by one number, not by what they are called.
		owners as materialized (
			select (row_number() over () * ${mostMeasures}::int)::int as group_id, nth, own
			from (select nth, own from spans union select nth, own from found) named
		),
		sums as materialized (
			select group_id + array_position(${[...measures]}::text[], measure) as group_id, n, total,
				pending, not_applicable, invalid, zero, buckets, ends, lengths
			from found join owners using (nth, own)
		),
		single as materialized (
			select group_id, sign::int as sign, length,
				case when length >= 0 then width_bucket(length, ${starts}) end as bucket
			from (${singles}) told
		)`;
}

/** What each group has of each state, and the total of its lengths. */
function countedOf(sql: ISql): Part {
	const count = (code: number) => sql`sign * (length = ${code})::int`;
	return sql`
		counted as materialized (
			select group_id, sum(n)::int8 as n, sum(total) as total, sum(pending) as pending,
				sum(not_applicable) as not_applicable, sum(invalid) as invalid, sum(zero) as zero,
				sum(is_sum) as sums
			from (
				select group_id, n, total, pending, not_applicable, invalid, zero, 1 as is_sum from sums
				union all
				select group_id, sign * (length >= 0)::int, sign * greatest(length, 0),
					${count(stateCodes.pending)}, ${count(stateCodes.notApplicable)},
					${count(stateCodes.invalid)}, ${count(stateCodes.zero)}, 0
				from single
			) parts
			group by group_id
		)`;
}
