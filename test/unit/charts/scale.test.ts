import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countTicks, durationAxis, placeOf, spreadLabels } from '../../../src/lib/charts/scale.ts';

const minute = 60_000;
const hour = 60 * minute;
const lengths = fc.array(fc.integer({ min: 1, max: 400 * 24 * hour }), { minLength: 1 });

test('an axis of lengths begins and ends at round ones, and names them in words', () => {
	const { least, most, ticks } = durationAxis([7 * minute, 50 * minute, 3 * hour]);
	expect([least, most]).toEqual([5 * minute, 4 * hour]);
	expect(ticks.map(({ label }) => label)).toEqual([
		'5 min',
		'10 min',
		'30 min',
		'1 h',
		'2 h',
		'4 h',
	]);
});

test('every length has its place between the ends, and a longer one is further right', () => {
	fc.assert(
		fc.property(lengths, (all) => {
			const axis = durationAxis(all);
			const places = all.toSorted((a, b) => a - b).map((ms) => placeOf(axis, ms));
			expect(places.every((place) => place >= 0 && place <= 1)).toBe(true);
			expect(places).toEqual(places.toSorted((a, b) => a - b));
			expect(axis.most).toBeGreaterThanOrEqual(Math.max(...all));
		}),
	);
});

test('ticks never stand closer together than asked, and the end has one', () => {
	fc.assert(
		fc.property(lengths, fc.double({ min: 0.05, max: 0.4, noNaN: true }), (all, gap) => {
			const { ticks } = durationAxis(all, gap);
			const places = ticks.map(({ place }) => place);
			places.slice(1).forEach((place, i) => {
				expect(place - (places[i] ?? 0)).toBeGreaterThanOrEqual(gap);
			});
		}),
	);
});

test('equal steps on a log axis are equal ratios', () => {
	const axis = { least: minute, most: 64 * minute };
	expect(placeOf(axis, 8 * minute)).toBeCloseTo(0.5);
	expect(placeOf(axis, 0)).toBe(0);
	expect(placeOf(axis, 100 * hour)).toBe(1);
});

test('without a length there is still an axis', () => {
	expect(durationAxis([]).ticks.length).toBeGreaterThan(1);
	expect(durationAxis([0]).most).toBeGreaterThan(durationAxis([0]).least);
});

test.each([
	[0, [0, 1]],
	[3, [0, 1, 2, 3]],
	[7, [0, 2, 4, 6, 8]],
	[29, [0, 10, 20, 30]],
	[1_000, [0, 500, 1_000]],
])('up to %d is counted in whole round steps', (most, expected) => {
	expect(countTicks(most)).toEqual(expected);
});

test('labels that would stand too close are left out, the first one never', () => {
	expect(spreadLabels(4, 0.2)).toEqual([0, 1, 2, 3]);
	expect(spreadLabels(13, 0.2)).toEqual([0, 3, 6, 9, 12]);
	expect(spreadLabels(0, 0.2)).toEqual([]);
});
