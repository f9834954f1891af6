import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Bar, Chart, Drawing, SeverityName } from '../../../src/lib/charts/drawing.ts';
import { heatMap, toneOf } from '../../../src/lib/charts/heat.ts';
import { stackedBars, type StackedBin } from '../../../src/lib/charts/stacked.ts';
import { stripPlot, swarm } from '../../../src/lib/charts/strip.ts';
import { trendLine } from '../../../src/lib/charts/trend.ts';

const hour = 3_600_000;

function rowsOf({ table }: Chart): string[][] {
	return table.rows.map((cells) => cells.map(({ text }) => text));
}

function drawingOf({ drawing }: Chart): Drawing {
	if (!drawing) throw new Error('Nothing is drawn.');
	return drawing;
}

function bin(label: string, counts: Partial<Record<SeverityName, number>>): StackedBin {
	return {
		label,
		href: `/${label}`,
		counts: Object.entries(counts).map(([severity, count]) => ({
			severity: severity as SeverityName,
			count,
			href: `/${label}/${severity}`,
		})),
	};
}

const bars = stackedBars({ title: 'Incidents by month', per: 'month' }, [
	bin('2026-09', { SEV1: 1, SEV3: 2 }),
	bin('2026-10', {}),
	bin('2026-11', { SEV3: 5, 'Not set': 1 }),
]);

test('bars of a stretch stand on each other without a gap, the worst severity at the bottom', () => {
	const parts = drawingOf(bars).bars.filter(({ label }) => label.startsWith('2026-09'));
	expect(parts.map(({ tone }) => tone)).toEqual(['SEV1', 'SEV3']);
	const [below, above] = parts as [Bar, Bar];
	expect(above.y + above.height).toBeCloseTo(below.y);
	expect(above.height).toBeCloseTo(2 * below.height);
});

test('bars and their table have the same numbers and lead to the same lists', () => {
	expect(bars.table.head).toEqual(['Month', 'SEV1', 'SEV3', 'Not set', 'All']);
	expect(rowsOf(bars)).toEqual([
		['2026-09', '1', '2', '0', '3'],
		['2026-10', '0', '0', '0', '0'],
		['2026-11', '0', '5', '1', '6'],
	]);
	const drawn = drawingOf(bars).bars.map(({ href }) => href);
	const listed = bars.table.rows.flatMap((cells) =>
		cells.slice(1, -1).flatMap(({ href }) => href ?? []),
	);
	expect(drawn.toSorted()).toEqual(listed.toSorted());
	expect(bars.sentence).toBe(
		'9 incidents by month, by severity. The most, 6, began in the month 2026-11.',
	);
});

test('severities that no incident has are neither drawn nor in the legend', () => {
	expect(bars.legend).toEqual(['SEV1', 'SEV3', 'Not set']);
});

test('the dots of a column never leave their band, however many there are', () => {
	fc.assert(
		fc.property(
			fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 500 }),
			(places) => {
				const offsets = swarm(places);
				expect(offsets).toHaveLength(places.length);
				expect(offsets.every((offset) => Math.abs(offset) <= 16)).toBe(true);
			},
		),
	);
	expect(swarm([0.5, 0.5, 0.5])).toEqual([0, -8, 8]);
	expect(swarm([0.1, 0.9])).toEqual([0, 0]);
});

test('each incident has one dot, and the mark stands at p90', () => {
	const dots = [1, 2, 8].map((hours) => ({
		ms: hours * hour,
		label: `${hours} h`,
		href: `/${hours}`,
	}));
	const chart = stripPlot('Time to resolve', [
		{ severity: 'SEV2', dots, count: 3, medianMs: 2 * hour, p90Ms: 8 * hour, href: '/all' },
	]);
	expect(drawingOf(chart).dots.map(({ href }) => href)).toEqual(['/1', '/2', '/8']);
	const [mark] = drawingOf(chart).lines.filter(({ kind }) => kind === 'mark');
	expect(mark?.x1).toBeCloseTo(drawingOf(chart).dots[2]?.x ?? NaN);
	expect(rowsOf(chart)).toEqual([['SEV2', '3', '1 h', '2 h', '8 h', '8 h']]);
});

test('where only some incidents are drawn the strip says so, and does not guess the ends', () => {
	const chart = stripPlot('Time to resolve', [
		{
			...{ severity: 'SEV1', count: 900, medianMs: hour, p90Ms: 2 * hour, href: '/all' },
			dots: [{ ms: hour, label: '', href: '' }],
		},
	]);
	expect(chart.sentence).toContain('1 of 900 are drawn.');
	expect(rowsOf(chart)).toEqual([['SEV1', '900', '–', '1 h', '2 h', '–']]);
});

test('a heat map has an hour of the week for each square, darker for more', () => {
	const chart = heatMap({ title: 'When', zone: 'UTC' }, [
		{ weekday: 1, hour: 0, count: 1, href: '/1-00' },
		{ weekday: 7, hour: 23, count: 8, href: '/7-23' },
	]);
	const squares = drawingOf(chart).bars;
	expect(squares).toHaveLength(7 * 24);
	expect([squares[0]?.tone, squares[1]?.tone, squares.at(-1)?.tone]).toEqual([
		'heat1',
		'heat0',
		'heat4',
	]);
	expect(chart.sentence).toContain('The most, 8, on Sundays from 23:00.');
	const table = rowsOf(chart);
	expect([table[0]?.[1], table[23]?.[7]]).toEqual(['1', '8']);
	expect(
		table
			.flatMap((cells) => cells.slice(1))
			.map(Number)
			.reduce((a, b) => a + b),
	).toBe(9);
});

test('one incident is never as pale as none', () => {
	expect(toneOf(0, 1_000)).toBe('heat0');
	expect(toneOf(1, 1_000)).toBe('heat1');
	expect(toneOf(1, 1)).toBe('heat4');
});

test('medians of fewer than five are hollow and joined to nothing', () => {
	const point = (label: string, count: number) => ({
		...{ label, count, href: `/${label}` },
		medianMs: count === 0 ? null : hour,
	});
	const chart = trendLine('Time to detect', [
		point('2026-07', 9),
		point('2026-08', 5),
		point('2026-09', 4),
		point('2026-10', 0),
		point('2026-11', 6),
	]);
	expect(drawingOf(chart).dots.map(({ tone }) => tone)).toEqual(['plain', 'plain', 'few', 'plain']);
	expect(drawingOf(chart).lines.filter(({ kind }) => kind === 'trend')).toHaveLength(1);
	expect(rowsOf(chart)[3]).toEqual(['2026-10', '–', '0']);
	expect(chart.sentence).toContain('Hollow where there are fewer than 5.');
});

test('where no incident has a length there is a sentence instead of an axis', () => {
	const none = { label: '2026-07', medianMs: null, count: 0, href: '/2026-07' };
	expect(trendLine('Time to detect', [none])).toMatchObject({
		sentence: 'No incident of this period has one.',
		drawing: null,
	});
});
