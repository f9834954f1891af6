import type { Bar, Cell, Chart, Line, SeverityName, Words } from './drawing.ts';
import { severityNames } from './drawing.ts';
import { countTicks, spreadLabels } from './scale.ts';

/** How many incidents of each severity a stretch of time has, and where those are listed. */
export interface StackedBin {
	readonly label: string;
	readonly counts: readonly {
		readonly severity: SeverityName;
		readonly count: number;
		readonly href: string;
	}[];
	/** Where all of the stretch are listed. */
	readonly href: string;
}

const plotHeight = 180;
const axisHeight = 20;
const top = 8;
/** The numbers of the axis stand before the first bar. */
const labelShare = 0.05;
const labelGap = 0.17;

/** Stacked bars, a stretch of time each, with the worst severity at the bottom. */
export function stackedBars(
	what: { title: string; per: string },
	bins: readonly StackedBin[],
): Chart {
	const totals = bins.map(totalOf);
	const busiest = totals.reduce((a, b) => Math.max(a, b), 0);
	const ticks = countTicks(busiest);
	const scale = plotHeight / (ticks.at(-1) ?? 1);
	const used = severityNames.filter((name) => bins.some((bin) => countOf(bin, name) > 0));
	return {
		title: what.title,
		sentence: sentenceOf(what.per, bins, totals),
		legend: used,
		table: tableOf(bins, used, what.per),
		drawing:
			busiest === 0
				? null
				: {
						height: top + plotHeight + axisHeight,
						dots: [],
						lines: ticks.map((count) => gridLine(top + plotHeight - count * scale, count === 0)),
						bars: bins.flatMap((bin, i) => stackOf(bin, { index: i, of: bins.length, scale })),
						words: [...countLabels(ticks, scale), ...binLabels(bins)],
					},
	};
}

function totalOf({ counts }: StackedBin): number {
	return counts.reduce((sum, { count }) => sum + count, 0);
}

function countOf({ counts }: StackedBin, name: SeverityName): number {
	return counts.find(({ severity }) => severity === name)?.count ?? 0;
}

function sentenceOf(per: string, bins: readonly StackedBin[], totals: readonly number[]): string {
	const all = totals.reduce((sum, count) => sum + count, 0);
	const most = totals.reduce((a, b) => Math.max(a, b), 0);
	const when = bins[totals.indexOf(most)]?.label ?? '';
	const peak = most === 0 ? 'There was none.' : `The most, ${most}, began in the ${per} ${when}.`;
	return `${all === 1 ? '1 incident' : `${all} incidents`} by ${per}, by severity. ${peak}`;
}

function gridLine(y: number, isBase: boolean): Line {
	return { x1: labelShare, x2: 1, y1: y, y2: y, kind: isBase ? 'base' : 'grid' };
}

function countLabels(ticks: readonly number[], scale: number): Words[] {
	return ticks.map((count) => ({
		...{ x: labelShare - 0.01, y: top + plotHeight - count * scale + 4, text: String(count) },
		anchor: 'end' as const,
	}));
}

function binLabels(bins: readonly StackedBin[]): Words[] {
	const indexes = spreadLabels(bins.length, labelGap);
	// The last one would stand over the edge.
	return indexes
		.filter((i) => i === 0 || placeOf(i, bins.length) < 1 - labelGap / 2)
		.map((i) => ({
			...{ x: placeOf(i, bins.length), y: top + plotHeight + 15, text: bins[i]?.label ?? '' },
			anchor: 'start' as const,
		}));
}

function placeOf(index: number, count: number): number {
	return labelShare + (index / Math.max(1, count)) * (1 - labelShare);
}

function stackOf(
	bin: StackedBin,
	{ index, of, scale }: { index: number; of: number; scale: number },
): Bar[] {
	const width = (placeOf(index + 1, of) - placeOf(index, of)) * 0.82;
	let y = top + plotHeight;
	return severityNames.flatMap((name) => {
		const part = bin.counts.find(({ severity }) => severity === name);
		if (!part || part.count === 0) return [];
		const height = part.count * scale;
		y -= height;
		const label = `${bin.label}: ${part.count} ${name}`;
		return [{ x: placeOf(index, of), y, width, height, tone: name, label, href: part.href }];
	});
}

function tableOf(
	bins: readonly StackedBin[],
	used: readonly SeverityName[],
	per: string,
): Chart['table'] {
	const counted = (count: number, href: string | undefined): Cell => ({
		text: String(count),
		href: count === 0 ? undefined : href,
	});
	return {
		head: [`${per.charAt(0).toUpperCase()}${per.slice(1)}`, ...used, 'All'],
		rows: bins.map((bin) => [
			{ text: bin.label },
			...used.map((name) => {
				const part = bin.counts.find(({ severity }) => severity === name);
				return counted(part?.count ?? 0, part?.href);
			}),
			counted(totalOf(bin), bin.href),
		]),
	};
}
