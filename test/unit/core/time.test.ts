import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
	clockTime,
	dayOf,
	duration,
	elapsed,
	fullTime,
	isInstant,
	roundedDuration,
} from '#core/time.ts';

const at = Date.parse('2026-11-24T02:41:07.999Z');

test('an instant is told in UTC, by its clock, its day or both', () => {
	expect([clockTime(at), dayOf(at), fullTime(at)]).toEqual([
		'02:41',
		'2026-11-24',
		'2026-11-24 02:41:07 UTC',
	]);
});

test.each([
	[0, '00:00:00'],
	[-5, '00:00:00'],
	[47 * 60_000 + 12_900, '00:47:12'],
	[86_400_000 - 1, '23:59:59'],
	[86_400_000, '1 d 00:00:00'],
])('%d ms that have passed read %s', (ms, expected) => {
	expect(elapsed(ms)).toBe(expected);
});

test.each([
	[0, 'one second'],
	[1_499, 'one second'],
	[1_500, '2 seconds'],
	[59_499, '59 seconds'],
	[59_500, '1 min'],
	[59.4 * 60_000, '59 min'],
	[59.6 * 60_000, '1 h'],
	[47 * 3_600_000, '47 h'],
	[47.6 * 3_600_000, '2 d'],
])('%d ms are %s', (ms, expected) => {
	expect(roundedDuration(ms)).toBe(expected);
});

test.each([
	[0, '0 s'],
	[42_400, '42 s'],
	[59_500, '1 min'],
	[58 * 60_000, '58 min'],
	[59.6 * 60_000, '1 h'],
	[72 * 60_000, '1 h 12 min'],
	[23 * 3_600_000 + 59.7 * 60_000, '1 d'],
	[86 * 3_600_000, '3 d 14 h'],
	[47.7 * 3_600_000, '2 d'],
])('%d ms last %s', (ms, expected) => {
	expect(duration(ms)).toBe(expected);
});

test('a rounded length never counts to what the next unit is for', () => {
	fc.assert(
		fc.property(fc.nat({ max: 100 * 86_400_000 }), (ms) => {
			expect(roundedDuration(ms)).not.toMatch(/^(60 (seconds|min)|48 h|[01] (seconds|d))$/);
		}),
	);
});

test('an instant is a number whose year has four digits', () => {
	const odd = [NaN, Infinity, 1e309, 8.64e15, -8.64e15, '5', null, undefined, 5n, new Date()];
	expect(odd.filter(isInstant)).toEqual([]);
	fc.assert(
		fc.property(fc.double(), (value) => {
			if (isInstant(value)) expect(new Date(value).toISOString()).toMatch(/^\d{4}-/);
		}),
	);
	expect([0, -1, at].every(isInstant)).toBe(true);
});
