import { duration } from '#core/time.ts';
import { nothingToDraw, type Chart, type Dot, type Line, type Words } from './drawing.ts';
import { durationAxis, placeOf, spreadLabels, type DurationAxis } from './scale.ts';

/** A stretch of time with the median of the lengths in it (null for none), and where they are listed. */
export interface TrendPoint {
	readonly label: string;
	readonly medianMs: number | null;
	readonly count: number;
	readonly href: string;
}

/** With fewer than so many a median says little: it is drawn hollow, and joined to nothing. */
export const fewestToCompare = 5;

const plotHeight = 84;
const top = 10;
const axisHeight = 20;
const labelShare = 0.16;
const labelGap = 0.26;

/** The median of a measure from stretch to stretch of time, on a log axis. */
export function trendLine(title: string, points: readonly TrendPoint[]): Chart {
	const medians = points.flatMap(({ medianMs }) => (medianMs === null ? [] : [medianMs]));
	const table = tableOf(points);
	if (medians.length === 0) {
		return { title, sentence: nothingToDraw, table, drawing: null };
	}
	const axis = durationAxis(medians, 0.3);
	const places = points.map((point, i) => ({
		point,
		x: labelShare + ((i + 0.5) / Math.max(1, points.length)) * (1 - labelShare),
		y: heightOf(axis, point.medianMs ?? axis.least),
	}));
	return {
		title,
		sentence: sentenceOf(points),
		table,
		drawing: {
			height: top + plotHeight + axisHeight,
			bars: [],
			lines: [...gridOf(axis), ...joined(places)],
			dots: places.flatMap(dotOf),
			words: [...axisLabels(axis), ...pointLabels(places)],
		},
	};
}

interface Place {
	readonly point: TrendPoint;
	readonly x: number;
	readonly y: number;
}

function heightOf(axis: DurationAxis, ms: number): number {
	return top + plotHeight * (1 - placeOf(axis, ms));
}

function gridOf({ ticks }: DurationAxis): Line[] {
	return ticks.map(({ place }, i) => {
		const y = top + plotHeight * (1 - place);
		return { x1: labelShare, x2: 1, y1: y, y2: y, kind: i === 0 ? 'base' : 'grid' };
	});
}

function axisLabels({ ticks }: DurationAxis): Words[] {
	return ticks.map(({ place, label }, i) => ({
		// The lowest stands on its line: below it are the months.
		...{ x: labelShare - 0.02, y: top + plotHeight * (1 - place) + (i === 0 ? 0 : 4), text: label },
		anchor: 'end' as const,
	}));
}

function pointLabels(places: readonly Place[]): Words[] {
	return spreadLabels(places.length, labelGap).flatMap((i) => {
		const place = places[i];
		if (!place) return [];
		const { x, point } = place;
		return [{ x, y: top + plotHeight + 17, text: point.label, anchor: 'middle' as const }];
	});
}

function isSure({ point }: Place): boolean {
	return point.medianMs !== null && point.count >= fewestToCompare;
}

/** Lines between neighbours that both have enough to go by. */
function joined(places: readonly Place[]): Line[] {
	return places.flatMap((place, i) => {
		const before = places[i - 1];
		if (!before || !isSure(before) || !isSure(place)) return [];
		return [{ x1: before.x, y1: before.y, x2: place.x, y2: place.y, kind: 'trend' as const }];
	});
}

function dotOf(place: Place): Dot[] {
	const { label, medianMs, count, href } = place.point;
	if (medianMs === null) return [];
	const words = `${label}: median ${duration(medianMs)}, n ${count}`;
	return [{ x: place.x, y: place.y, tone: isSure(place) ? 'plain' : 'few', label: words, href }];
}

function sentenceOf(points: readonly TrendPoint[]): string {
	const few = points.filter(({ count }) => count > 0 && count < fewestToCompare).length;
	const hollow = few > 0 ? ` Hollow where there are fewer than ${fewestToCompare}.` : '';
	return `The median by month.${hollow}`;
}

function tableOf(points: readonly TrendPoint[]): Chart['table'] {
	return {
		head: ['Month', 'Median', 'Incidents'],
		rows: points.map(({ label, medianMs, count, href }) => [
			{ text: label },
			{ text: medianMs === null ? '–' : duration(medianMs) },
			{ text: String(count), href: count > 0 ? href : undefined },
		]),
	};
}
