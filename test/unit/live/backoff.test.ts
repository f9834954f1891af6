import { expect, test } from 'vitest';
import { comeBackDelay, reconnectDelay } from '../../../src/lib/live/backoff.ts';

test('whoever is sent away with many others comes back after half a second to five', () => {
	expect([0, 0.5, 1].map(comeBackDelay)).toEqual([500, 2_750, 5_000]);
});

test('further attempts are ever later, spread, and never later than five seconds', () => {
	expect([1, 2, 3, 4, 9].map((attempt) => reconnectDelay(attempt, 1))).toEqual([
		1_000, 2_000, 4_000, 5_000, 5_000,
	]);
	expect([1, 9].map((attempt) => reconnectDelay(attempt, 0))).toEqual([500, 500]);
});
