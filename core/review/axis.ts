/** A stretch of an axis of time: shown at its length, or folded, as nothing changes in it. Instants are epoch ms. */
export interface Stretch {
	readonly from: number;
	readonly to: number;
	readonly isFolded: boolean;
	/** Where it lies on the axis, both in [0, 1]. */
	readonly start: number;
	readonly end: number;
}

/** Time from left to right, with long silences folded. */
export interface Axis {
	readonly from: number;
	readonly to: number;
	readonly stretches: readonly Stretch[];
}

/** Without a change for longer than this, time is folded. */
export const foldedAfterMs = 60_000;

/** Folds take this part of the axis each, and at most half of it together. */
const foldShare = 0.02;
const mostFolded = 0.5;

/**
 * An axis over the instants at which something changed (epoch ms, in any order). Silences are folded
 * to a fixed width, the rest keeps its proportions. With no instants it is one moment long.
 */
export function axisOf(instants: readonly number[]): Axis {
	const times = [...new Set(instants)].sort((a, b) => a - b);
	const from = times[0] ?? 0;
	const to = times.at(-1) ?? from;
	const spans = spansOf(times);
	const folds = spans.filter(({ isFolded }) => isFolded).length;
	const openMs = spans.reduce((sum, span) => sum + (span.isFolded ? 0 : span.to - span.from), 0);
	const folded = openMs === 0 ? 1 : Math.min(mostFolded, folds * foldShare);
	let start = 0;
	const stretches = spans.map((span) => {
		const share = span.isFolded ? folded / folds : ((span.to - span.from) / openMs) * (1 - folded);
		const stretch = { ...span, start, end: start + share };
		start = stretch.end;
		return stretch;
	});
	return { from, to, stretches };
}

type Span = Pick<Stretch, 'from' | 'to' | 'isFolded'>;

/** What is between the times, with neighbours of one kind in one. */
function spansOf(times: readonly number[]): Span[] {
	const spans: Span[] = [];
	times.forEach((to, i) => {
		const from = times[i - 1];
		if (from === undefined) return;
		const last = spans.at(-1);
		const isFolded = to - from > foldedAfterMs;
		if (last && !last.isFolded && !isFolded) spans[spans.length - 1] = { ...last, to };
		else spans.push({ from, to, isFolded });
	});
	return spans;
}

/** Where an instant lies on the axis, in [0, 1]; what lies outside is at its ends. */
export function placeOn({ stretches }: Axis, at: number): number {
	const stretch = stretches.find(({ to }) => at <= to) ?? stretches.at(-1);
	if (!stretch) return 0;
	const { from, to, start, end } = stretch;
	const share = Math.min(1, Math.max(0, (at - from) / (to - from)));
	return start + share * (end - start);
}

/** The instant at a place in [0, 1]. */
export function instantAt({ from, stretches }: Axis, place: number): number {
	const stretch = stretches.find(({ end }) => place <= end) ?? stretches.at(-1);
	if (!stretch) return from;
	const share = (place - stretch.start) / (stretch.end - stretch.start);
	return Math.round(stretch.from + Math.min(1, Math.max(0, share)) * (stretch.to - stretch.from));
}

/** How much goes on along the axis: so many bins of equal width, each with the instants in it. */
export function densityOf(axis: Axis, instants: readonly number[], bins: number): number[] {
	const counts = Array.from({ length: bins }, () => 0);
	for (const at of instants) {
		const bin = Math.min(bins - 1, Math.floor(placeOn(axis, at) * bins));
		counts[bin] = (counts[bin] ?? 0) + 1;
	}
	return counts;
}

/**
 * Playing: the instant that comes `ms` of shown time after another. Folded stretches are jumped over,
 * as nothing happens in them; the end of the axis is the end.
 */
export function playedFrom({ to, stretches }: Axis, at: number, ms: number): number {
	let instant = at;
	let left = ms;
	for (const stretch of stretches) {
		if (stretch.to <= instant) continue;
		if (stretch.isFolded) {
			instant = stretch.to;
			continue;
		}
		const rest = stretch.to - Math.max(instant, stretch.from);
		if (left <= rest) return Math.max(instant, stretch.from) + left;
		left -= rest;
		instant = stretch.to;
	}
	return to;
}
