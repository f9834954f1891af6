import type { Sql } from 'postgres';
import { findUnsummed, sumTerm, type Summing } from '#server/storage/metrics/sums/terms.ts';

/** Sums up all that is to be summed up: months, then years of them. */
export async function sumAllUp(sql: Sql, summing: Summing): Promise<void> {
	for (;;) {
		const unsummed = await findUnsummed(sql, summing);
		if (unsummed.length === 0) return;
		for (const term of unsummed) await sumTerm(sql, term);
	}
}
