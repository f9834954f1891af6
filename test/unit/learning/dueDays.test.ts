import { expect, test } from 'vitest';
import { afterBusinessDays } from '#core/learning/dueDays.ts';

test.each([
	['Monday', '2026-11-23T10:00:00Z', '2026-11-30T10:00:00.000Z'],
	['Wednesday', '2026-11-25T10:00:00Z', '2026-12-02T10:00:00.000Z'],
	['Friday', '2026-11-27T23:59:00Z', '2026-12-04T23:59:00.000Z'],
	['Saturday', '2026-11-28T00:00:00Z', '2026-12-04T00:00:00.000Z'],
	['Sunday', '2026-11-29T23:00:00Z', '2026-12-04T23:00:00.000Z'],
])('five business days after a %s leave out the weekends', (_day, from, to) => {
	expect(new Date(afterBusinessDays(Date.parse(from), 5)).toISOString()).toBe(to);
});
