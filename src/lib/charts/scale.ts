import { duration } from '#core/time.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Lengths of time that people think in. */
const roundLengths = [
	...[1, 10].map((n) => n * second),
	...[1, 2, 5, 10, 30].map((n) => n * minute),
	...[1, 2, 4, 8].map((n) => n * hour),
	...[1, 2, 4, 7, 14, 30, 90, 365, 3_650].map((n) => n * day),
];

export interface Tick {
	/** Where it is, a share of the axis. */
	readonly place: number;
	readonly label: string;
}

/** A log axis of lengths of time, in ms, that begins and ends at round ones. */
export interface DurationAxis {
	readonly least: number;
	readonly most: number;
	readonly ticks: readonly Tick[];
}

/** Ticks stand at least so far apart, as a share of the axis. */
const tickGap = 0.12;

/** The axis on which all these lengths find a place; an hour to two where there is none above zero. */
export function durationAxis(lengths: readonly number[], gap = tickGap): DurationAxis {
	const valid = lengths.filter((ms) => ms > 0);
	const shortest = valid.length > 0 ? valid.reduce((a, b) => Math.min(a, b)) : hour;
	const longest = valid.reduce((a, b) => Math.max(a, b), shortest);
	const least = roundLengths.findLast((ms) => ms <= shortest) ?? second;
	const above = roundLengths.find((ms) => ms >= longest && ms > least);
	const most = above ?? Math.max(longest, 2 * least);
	const ticks: Tick[] = [];
	for (const ms of roundLengths.filter((ms) => ms >= least && ms <= most)) {
		const place = placeOf({ least, most }, ms);
		const last = ticks.at(-1)?.place ?? -Infinity;
		if (place - last < gap) continue;
		// The end of the axis is always said: what would stand too close before it gives way.
		if (ms !== most && 1 - place < gap) continue;
		ticks.push({ place, label: duration(ms) });
	}
	return { least, most, ticks };
}

/** Where a length lies on a log axis, a share in [0, 1]; what lies outside is at its ends. */
export function placeOf({ least, most }: Pick<DurationAxis, 'least' | 'most'>, ms: number): number {
	if (ms <= least) return 0;
	return Math.min(1, Math.log(ms / least) / Math.log(most / least));
}

/** Round counts from 0 up to at least this many, in at most so many steps; whole numbers only. */
export function countTicks(most: number, steps = 4): number[] {
	const step = roundStep(Math.max(1, most) / steps);
	return Array.from({ length: Math.ceil(Math.max(1, most) / step) + 1 }, (_, i) => i * step);
}

/** The smallest of 1, 2, 5, 10, 20, 50 … that is not below this. */
function roundStep(least: number): number {
	const power = 10 ** Math.max(0, Math.floor(Math.log10(least)));
	return ([1, 2, 5].find((n) => n * power >= least) ?? 10) * power;
}

/** Of so many labels the indexes of those to write, so that they stand at least `gap` apart (a share). */
export function spreadLabels(count: number, gap: number): number[] {
	const every = Math.max(1, Math.ceil(count * gap));
	return Array.from({ length: Math.ceil(count / every) }, (_, i) => i * every);
}
