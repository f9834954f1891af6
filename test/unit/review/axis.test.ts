import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
	axisOf,
	densityOf,
	foldedAfterMs,
	instantAt,
	placeOn,
	playedFrom,
} from '#core/review/axis.ts';

const instants = fc.array(fc.integer({ min: 0, max: 20 * foldedAfterMs }), { minLength: 2 });

it('places grow with time, from 0 to 1, and lead back to their instants', () => {
	fc.assert(
		fc.property(instants, (times) => {
			const axis = axisOf(times);
			fc.pre(axis.to > axis.from);
			const sorted = times.toSorted((a, b) => a - b);
			const places = sorted.map((at) => placeOn(axis, at));
			expect(places).toEqual(places.toSorted((a, b) => a - b));
			expect(places[0]).toBe(0);
			expect(places.at(-1)).toBeCloseTo(1, 9);
			for (const at of sorted)
				expect(Math.abs(instantAt(axis, placeOn(axis, at)) - at)).toBeLessThan(2);
		}),
	);
});

it('silences of more than a minute are folded to one width, and only those', () => {
	const hour = 3_600_000;
	const { stretches } = axisOf([0, 50_000, 50_000 + hour, 80_000 + hour, 80_000 + 9 * hour]);
	expect(stretches.map(({ isFolded }) => isFolded)).toEqual([false, true, false, true]);
	const widths = stretches.map(({ start, end }) => end - start);
	expect(widths[1]).toBeCloseTo(widths[3] ?? 0, 9);
	expect(widths[0]).toBeCloseTo(0.6, 9);
});

it('many silences take half of the axis at most, unless there is nothing else', () => {
	const far = (n: number) => n * 10 * foldedAfterMs;
	const alone = axisOf(Array.from({ length: 100 }, (_, n) => far(n)));
	expect(alone.stretches.at(-1)?.end).toBeCloseTo(1, 9);
	const busy = axisOf(Array.from({ length: 100 }, (_, n) => [far(n), far(n) + 1_000]).flat());
	const folded = busy.stretches.filter(({ isFolded }) => isFolded);
	expect(folded.reduce((sum, { start, end }) => sum + end - start, 0)).toBeCloseTo(0.5, 9);
});

it('an axis without any time is one moment', () => {
	for (const axis of [axisOf([]), axisOf([7])]) {
		expect(placeOn(axis, 7)).toBe(0);
		expect(instantAt(axis, 0.5)).toBe(axis.from);
		expect(playedFrom(axis, axis.from, 1_000)).toBe(axis.to);
	}
});

it('playing goes on by the time that is shown, jumps folded silences and ends at the end', () => {
	const axis = axisOf([0, 30_000, 600_000, 630_000]);
	expect(playedFrom(axis, 0, 10_000)).toBe(10_000);
	expect(playedFrom(axis, 25_000, 10_000)).toBe(605_000);
	expect(playedFrom(axis, 300_000, 5_000)).toBe(605_000);
	expect(playedFrom(axis, 625_000, 10_000)).toBe(630_000);
});

it('density counts what happens where', () => {
	const axis = axisOf([0, 10_000]);
	expect(densityOf(axis, [0, 1, 9_999, 10_000], 10)).toEqual([2, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
});
