import { duration } from '#core/time.ts';
import {
	nothingToDraw,
	type Chart,
	type Dot,
	type Drawing,
	type Line,
	type SeverityName,
	type Words,
} from './drawing.ts';
import { durationAxis, placeOf, type DurationAxis } from './scale.ts';

/** An incident with the length that it has a dot for. */
export interface StripDot {
	readonly ms: number;
	readonly label: string;
	readonly href: string;
}

export interface StripRow {
	readonly severity: SeverityName;
	readonly dots: readonly StripDot[];
	/** How many there are, of which the dots may be some. */
	readonly count: number;
	readonly medianMs: number | null;
	readonly p90Ms: number | null;
	/** Where the incidents of this row are listed. */
	readonly href: string;
}

const radius = 4;
/** The width for which dots are put beside each other, in CSS pixels. */
const nominalWidth = 560;
const bandHeight = 44;
const rowHeight = bandHeight + 22;
const axisHeight = 20;

/** Incidents as dots on a log axis of time, a row for each severity, with a mark at the ninth tenth. */
export function stripPlot(title: string, rows: readonly StripRow[]): Chart {
	const table = tableOf(rows);
	if (rows.length === 0) return { title, sentence: nothingToDraw, drawing: null, table };
	const axis = durationAxis(rows.flatMap(({ dots }) => dots.map(({ ms }) => ms)));
	return { title, sentence: sentenceOf(rows), drawing: drawn(rows, axis), table };
}

function sentenceOf(rows: readonly StripRow[]): string {
	const count = rows.reduce((sum, row) => sum + row.count, 0);
	const shown = rows.reduce((sum, { dots }) => sum + dots.length, 0);
	const which = shown < count ? ` ${shown} of ${count} are drawn.` : '';
	return `Each dot is an incident; the line marks p90, within which nine of ten stayed. The axis is logarithmic.${which}`;
}

function drawn(rows: readonly StripRow[], axis: DurationAxis): Drawing {
	const bottom = rows.length * rowHeight;
	return {
		height: bottom + axisHeight,
		bars: [],
		lines: [...gridOf(axis, bottom), ...rows.flatMap((row, i) => markOf(row, axis, i))],
		dots: rows.flatMap((row, i) => dotsOf(row, axis, i * rowHeight)),
		words: [...rows.map((row, i) => headingOf(row, i * rowHeight)), ...labelsOf(axis, bottom)],
	};
}

function gridOf({ ticks }: DurationAxis, bottom: number): Line[] {
	return ticks.map(({ place }) => ({
		...{ x1: place, x2: place, y1: 0, y2: bottom },
		kind: 'grid' as const,
	}));
}

function labelsOf({ ticks }: DurationAxis, bottom: number): Words[] {
	return ticks.map(({ place, label }) => ({
		...{ x: place, y: bottom + 14, text: label },
		anchor:
			place < 0.05 ? ('start' as const) : place > 0.95 ? ('end' as const) : ('middle' as const),
	}));
}

function headingOf({ severity, count, medianMs, p90Ms }: StripRow, top: number): Words {
	const middle = medianMs === null ? '' : ` · median ${duration(medianMs)}`;
	const most = p90Ms === null ? '' : ` · p90 ${duration(p90Ms)}`;
	const text = `${severity}  n ${count}${middle}${most}`;
	return { x: 0, y: top + 14, text, anchor: 'start', isStrong: true };
}

function markOf({ p90Ms }: StripRow, axis: DurationAxis, index: number): Line[] {
	if (p90Ms === null || p90Ms <= 0) return [];
	const place = placeOf(axis, p90Ms);
	const top = index * rowHeight + 22;
	return [{ x1: place, x2: place, y1: top, y2: top + bandHeight - 4, kind: 'mark' }];
}

function dotsOf({ dots, severity }: StripRow, axis: DurationAxis, top: number): Dot[] {
	const middle = top + 22 + (bandHeight - 4) / 2;
	const places = dots.map(({ ms }) => placeOf(axis, ms));
	const offsets = swarm(places);
	return dots.map(({ label, href }, i) => ({
		...{ x: places[i] ?? 0, y: middle + (offsets[i] ?? 0), label, href },
		tone: severity,
	}));
}

/**
 * How far from the middle line dots are put, in CSS pixels, so that those of one column stand above
 * each other: from the middle outwards, closer together where there are too many for the band.
 */
export function swarm(places: readonly number[]): number[] {
	const columns = Map.groupBy(places.keys(), (i) =>
		Math.floor(((places[i] ?? 0) * nominalWidth) / (2 * radius)),
	);
	const offsets = places.map(() => 0);
	const room = (bandHeight - 4) / 2 - radius;
	for (const column of columns.values()) {
		const outermost = Math.ceil((column.length - 1) / 2);
		const step = Math.min(2 * radius, outermost === 0 ? 0 : room / outermost);
		column.forEach((index, i) => {
			offsets[index] = Math.ceil(i / 2) * (i % 2 === 0 ? 1 : -1) * step || 0;
		});
	}
	return offsets;
}

function tableOf(rows: readonly StripRow[]): Chart['table'] {
	const worded = (ms: number | null) => ({ text: ms === null ? '–' : duration(ms) });
	return {
		head: ['Severity', 'Incidents', 'Shortest', 'Median', 'p90', 'Longest'],
		rows: rows.map(({ severity, count, href, dots, medianMs, p90Ms }) => {
			const lengths = dots.map(({ ms }) => ms);
			const ends = lengths.length > 0 && dots.length === count;
			return [
				{ text: severity },
				{ text: String(count), href },
				worded(ends ? lengths.reduce((a, b) => Math.min(a, b)) : null),
				worded(medianMs),
				worded(p90Ms),
				worded(ends ? lengths.reduce((a, b) => Math.max(a, b)) : null),
			];
		}),
	};
}
