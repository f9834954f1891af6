import type { TransactionSql } from 'postgres';
import { measureIds } from '#core/review/metrics/measures.ts';
import { stateCodes } from '#core/review/metrics/times.ts';
import { columnOf } from '../measures.ts';
import { keyOf, type Part } from '../scope.ts';
import { dayAfter, firstDayOf } from './days.ts';
import { dimensions, type Dimension } from './dimensions.ts';
import { histogramOf } from './histogram.ts';

/** Sums up a month, as 2026-11, for each dimension; hours are those of a zone. */
export async function writeMonth(tx: TransactionSql, month: string, tz: string): Promise<void> {
	for (const dimension of dimensions) {
		const keys = dimension === 'hours' ? hoursOf(tx, tz) : keysOf(tx, dimension);
		await sumMeasures(tx, month, { dimension, keys });
		await sumCounts(tx, month, { dimension, keys });
		// An hour that comes every day or week has no length.
		if (dimension !== 'hours') await sumDowntimes(tx, month, { dimension, keys });
	}
}

interface Keyed {
	readonly dimension: Dimension;
	/** What incidents `m` are joined with, so that each is there for every key that it has, as rows `g`. */
	readonly keys: Part;
}

/** The instants between which a month of UTC lies. */
function endsOf(tx: TransactionSql, month: string): Readonly<Record<'since' | 'until', Part>> {
	const named = tx`${month}::text`;
	return {
		since: tx`(${firstDayOf(tx, named)}::timestamp at time zone 'UTC')`,
		until: tx`(${dayAfter(tx, named)}::timestamp at time zone 'UTC')`,
	};
}

/** Every key of incidents `m`, each once, as rows `g`. */
function keysOf(tx: TransactionSql, dimension: Exclude<Dimension, 'hours'>): Part {
	switch (dimension) {
		case 'all':
			return tx`cross join (values (''::text)) g (key)`;
		case 'severity':
			return tx`cross join lateral (select m.severity as key) g`;
		case 'service':
			return tx`left join (
				select incident, service as key from projected_services) g using (incident)`;
		case 'team':
			return tx`left join lateral (
				select distinct v.team as key from projected_services s join services v on v.name = s.service
				where s.incident = m.incident and v.team is not null) g on true`;
		case 'cause':
			return tx`left join (
				select incident, cause as key from projected_causes) g using (incident)`;
		default:
			return dimension satisfies never;
	}
}

/** The hour of the week in which it was declared, by the clocks of a zone. */
function hoursOf(tx: TransactionSql, tz: string): Part {
	const key = keyOf(tx, { by: 'weekHour', tz, stretches: [] });
	return tx`cross join lateral (select (${key})::text as key) g`;
}

function declaredIn(tx: TransactionSql, month: string): Part {
	const { since, until } = endsOf(tx, month);
	return tx`m.counts and m.kind = 'incident' and m.declared_at >= ${since} and m.declared_at < ${until}`;
}

async function sumMeasures(
	tx: TransactionSql,
	month: string,
	{ dimension, keys }: Keyed,
): Promise<void> {
	const told = measureIds.map((id) => tx`, (${id}::text, summed.${tx(columnOf(id))})`);
	const values = measureIds.map((id) => {
		const column = tx(columnOf(id));
		return tx`, array_agg(m.${column} order by m.${column}) as ${column}`;
	});
	const count = (code: number) => tx`count(*) filter (where code = ${code}::int8)`;
	await tx`
		insert into summed_measures (
			term, dimension, key, measure, n, total, pending, not_applicable, invalid, zero, buckets, ends, lengths
		)
		select ${month}, ${dimension}, summed.key, told.measure, cardinality(lengths),
			coalesce((select sum(length) from unnest(lengths) length), 0),
			others.*, coalesce(filled.buckets, '{}'), coalesce(filled.ends, '{}'), lengths
		from (
			select coalesce(g.key, '') as key ${values}
			from projected_measures m ${keys} where ${declaredIn(tx, month)} group by 1
		) summed,
		lateral (values ('', null::int8[]) ${told}) told (measure, all_values),
		lateral (select width_bucket(-1::int8, all_values) as below) split,
		lateral (select all_values[1:below] as codes, all_values[below + 1:] as lengths) parted,
		lateral (
			select ${count(stateCodes.pending)}, ${count(stateCodes.notApplicable)},
				${count(stateCodes.invalid)}, ${count(stateCodes.zero)}
			from unnest(codes) code
		) others,
		lateral (${histogramOf(tx, dimension)}) filled
		where told.measure <> ''`;
}

async function sumCounts(
	tx: TransactionSql,
	month: string,
	{ dimension, keys }: Keyed,
): Promise<void> {
	await tx`
		insert into summed_counts (
			term, dimension, key, severity, incidents, over, unknown_downtime, gap_ms, silent_ms,
			begun, published, due
		)
		select ${month}, ${dimension}, coalesce(g.key, ''), m.severity, count(*),
			count(*) filter (where m.is_over), count(*) filter (where not m.is_downtime_known),
			sum(m.gap_ms), sum(m.silent_ms),
			count(r.version) filter (where m.is_over), count(*) filter (where m.is_over and r.version > 0),
			coalesce(array_agg(r.due_at order by r.due_at)
				filter (where m.is_over and r.version = 0 and r.due_at is not null), '{}')
		from projected_measures m ${keys}
			left join projected_retros r on r.incident = m.incident
		where ${declaredIn(tx, month)}
		group by coalesce(g.key, ''), m.severity`;
}

async function sumDowntimes(
	tx: TransactionSql,
	month: string,
	{ dimension, keys }: Keyed,
): Promise<void> {
	const { since, until } = endsOf(tx, month);
	const whole = tx`tstzrange(${since}, ${until})`;
	await tx`
		insert into summed_downtimes (term, dimension, key, severity, outages)
		select ${month}, ${dimension}, coalesce(g.key, ''), m.severity,
			range_agg(tstzrange(m.since, m.until) * ${whole})
		from projected_downtimes m ${keys}
		where tstzrange(m.since, m.until) && ${whole} and m.until is not null
		group by coalesce(g.key, ''), m.severity`;
}
