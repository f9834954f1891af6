import type { Sql } from 'postgres';
import { findUnsummed, sumStretch, type Summing } from '#server/storage/metrics/sums/stretches.ts';

/** Sums up all that is to be summed up: months, then years of them. */
export async function sumAllUp(sql: Sql, summing: Summing): Promise<void> {
	for (;;) {
		const unsummed = await findUnsummed(sql, summing);
		if (unsummed.length === 0) return;
		for (const stretch of unsummed) await sumStretch(sql, stretch);
	}
}
