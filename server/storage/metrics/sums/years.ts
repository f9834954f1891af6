import type { TransactionSql } from 'postgres';
import { measureIds, type MeasureId } from '#core/review/metrics/measures.ts';
import type { Part } from '../scope.ts';
import { dimensions, type Dimension } from './dimensions.ts';
import { histogramOf } from './histogram.ts';

/**
 * Sums up a year, as 2026, from its months. Statement by statement: one that takes long would look like a store that
 * is away.
 */
export async function writeYear(tx: TransactionSql, year: string): Promise<void> {
	for (const dimension of dimensions) {
		for (const measure of measureIds) await joinMeasures(tx, year, { dimension, measure });
		await joinCounts(tx, year, dimension);
		if (dimension !== 'hours') await joinDowntimes(tx, year, dimension);
	}
}

/** That rows are of a dimension's months of a year. */
function ofMonths(tx: TransactionSql, year: string, dimension: Dimension): Part {
	return tx`dimension = ${dimension} and term between ${`${year}-01`} and ${`${year}-12`}`;
}

async function joinMeasures(
	tx: TransactionSql,
	year: string,
	{ dimension, measure }: { readonly dimension: Dimension; readonly measure: MeasureId },
): Promise<void> {
	const measured = tx`${ofMonths(tx, year, dimension)} and measure = ${measure}`;
	await tx`
		insert into summed_measures (
			term, dimension, key, measure, n, total, pending, not_applicable, invalid, zero, buckets, ends, lengths
		)
		select ${year}, ${dimension}, key, ${measure}, n, total, pending, not_applicable, invalid, zero,
			coalesce(filled.buckets, '{}'), coalesce(filled.ends, '{}'), coalesce(lengths, '{}')
		from (
			select key, sum(n) as n, sum(total) as total, sum(pending) as pending,
				sum(not_applicable) as not_applicable, sum(invalid) as invalid, sum(zero) as zero
			from summed_measures where ${measured} group by key
		) told left join (
			select key, array_agg(length order by length) as lengths
			from summed_measures, unnest(lengths) length where ${measured} group by key
		) valued using (key), lateral (${histogramOf(tx, dimension)}) filled`;
}

async function joinCounts(tx: TransactionSql, year: string, dimension: Dimension): Promise<void> {
	const counted = ofMonths(tx, year, dimension);
	await tx`
		insert into summed_counts (
			term, dimension, key, severity, incidents, over, unknown_downtime, gap_ms, silent_ms,
			begun, published, due
		)
		select ${year}, ${dimension}, key, severity, incidents, over, unknown_downtime, gap_ms, silent_ms,
			begun, published, coalesce(due, '{}')
		from (
			select key, severity, sum(incidents) as incidents, sum(over) as over,
				sum(unknown_downtime) as unknown_downtime, sum(gap_ms) as gap_ms, sum(silent_ms) as silent_ms,
				sum(begun) as begun, sum(published) as published
			from summed_counts where ${counted} group by key, severity
		) told left join (
			select key, severity, array_agg(due_at order by due_at) as due
			from summed_counts, unnest(due) due_at where ${counted} group by key, severity
		) expected using (key, severity)`;
}

async function joinDowntimes(
	tx: TransactionSql,
	year: string,
	dimension: Dimension,
): Promise<void> {
	await tx`
		insert into summed_downtimes (term, dimension, key, severity, outages)
		select ${year}, ${dimension}, key, severity, range_agg(outages)
		from summed_downtimes where ${ofMonths(tx, year, dimension)} group by key, severity`;
}
