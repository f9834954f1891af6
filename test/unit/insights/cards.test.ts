import { expect, test } from 'vitest';
import type { Measured } from '#core/review/metrics/answer.ts';
import { measures } from '#core/review/metrics/measures.ts';
import { cardOf, comparisonOf, countComparison } from '../../../src/routes/insights/cards.ts';

const minute = 60_000;

function measured(n: number, medianMs: number | null): Measured {
	const none = { pending: 0, notApplicable: 0, invalid: 0, zero: 0 };
	return { n, medianMs, meanMs: medianMs, p90Ms: medianMs, p95Ms: medianMs, ...none };
}

test('[I3] a mean never stands without its variant', () => {
	const hrefOf = (state: string) => `/${state}`;
	const means = measures.map(
		(measure) => cardOf({ measure, now: measured(9, 72 * minute), before: null, hrefOf }).mean,
	);
	expect(means).toContain('MTTR (resolve) 1 h 12 min');
	expect(new Set(means).size).toBe(measures.length);
	for (const mean of means) expect(mean).toMatch(/^MTT[A-Z] \([a-z ,]+\) /);
});

test('[I4] with fewer than five on either side nothing is compared', () => {
	expect(comparisonOf(measured(4, minute), measured(50, minute))).toBe('too few to compare');
	expect(comparisonOf(measured(50, minute), measured(4, minute))).toBe('too few to compare');
	expect(countComparison(4, 50)).toBe('too few to compare');
	expect(countComparison(50, 4)).toBe('too few to compare');
});

test('a comparison says by how much, and what it was', () => {
	const five = (minutes: number) => measured(5, minutes * minute);
	expect(comparisonOf(five(72), five(60))).toBe('▲ 12 min, 1 h before');
	expect(comparisonOf(five(40), five(60))).toBe('▼ 20 min, 1 h before');
	expect(comparisonOf(five(60), five(60))).toBe('= 1 h before');
	expect(countComparison(24, 28)).toBe('▼ 4, 28 before');
});
