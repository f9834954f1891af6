import { milestoneNames } from '#core/incident/lifecycle.ts';
import type { Measured } from '#core/review/metrics/answer.ts';
import {
	measureStateMeanings,
	type Anchor,
	type Measure,
	type MeasureState,
} from '#core/review/metrics/measures.ts';
import { duration } from '#core/time.ts';
import { written } from './words.ts';

/** With fewer values than this nothing is compared. */
export const fewestToCompare = 5;

/** Those of a measure that have no value in the mean, and where they are listed. */
export interface StateCount {
	readonly name: string;
	readonly meaning: string;
	readonly count: number;
	readonly href: string;
}

/** A measure as the page shows it, all in words. */
export interface MeasureCard {
	readonly id: string;
	readonly name: string;
	/** The two times that it lies between. */
	readonly between: string;
	readonly n: number;
	readonly median: string;
	readonly p90: string;
	readonly p95: string;
	/** The mean with the abbreviation and its variant, `MTTR (resolve) 1 h 46 min`. */
	readonly mean: string;
	readonly comparison: string | null;
	readonly definition: string;
	readonly href: string;
	readonly states: readonly StateCount[];
}

export interface MeasureParts {
	readonly measure: Measure;
	readonly now: Measured;
	/** The same in the stretch before; null if there is none. */
	readonly before: Measured | null;
	/** The address of the incidents with this state. */
	readonly hrefOf: (state: MeasureState) => string;
}

/** What the states of a measure are called. */
export const stateNames: Readonly<Record<MeasureState, string>> = {
	valid: 'Valid',
	pending: 'Pending',
	notApplicable: 'Not applicable',
	invalid: 'Invalid',
	zero: 'Zero',
};

/** A measure in words. */
export function cardOf({ measure, now, before, hrefOf }: MeasureParts): MeasureCard {
	const { id, name, start, end, short, variant, definition, elsewhere } = measure;
	const states = ['pending', 'notApplicable', 'invalid', 'zero'] as const;
	return {
		...{ id, name, n: now.n },
		between: `${anchorName(start)} → ${anchorName(end)}`,
		median: worded(now.medianMs),
		p90: worded(now.p90Ms),
		p95: worded(now.p95Ms),
		mean: `M${short} (${variant}) ${worded(now.meanMs)}`,
		comparison: before && comparisonOf(now, before),
		definition: elsewhere ? `${definition} ${elsewhere}` : definition,
		href: hrefOf('valid'),
		states: states.map((state) => ({
			name: stateNames[state],
			meaning: measureStateMeanings[state],
			count: now[state],
			href: hrefOf(state),
		})),
	};
}

/** What a milestone or the first alert is called. */
export function anchorName(anchor: Anchor): string {
	return anchor === 'firstAlert' ? 'First alert' : milestoneNames[anchor];
}

/** A length in words, or a dash where there is none. */
export function worded(ms: number | null): string {
	return ms === null ? '–' : duration(ms);
}

/** How the median differs from the one before, or why that is not said. */
export function comparisonOf(now: Measured, before: Measured): string {
	if (now.n < fewestToCompare || before.n < fewestToCompare) return 'too few to compare';
	const difference = (now.medianMs ?? 0) - (before.medianMs ?? 0);
	const was = `${worded(before.medianMs)} before`;
	if (duration(Math.abs(difference)) === '0 s') return `= ${was}`;
	return `${difference > 0 ? '▲' : '▼'} ${duration(Math.abs(difference))}, ${was}`;
}

/** How a count differs from the one before, or why that is not said. */
export function countComparison(now: number, before: number): string {
	if (now < fewestToCompare || before < fewestToCompare) return 'too few to compare';
	if (now === before) return `= ${written(before)} before`;
	const sign = now > before ? '▲' : '▼';
	return `${sign} ${written(Math.abs(now - before))}, ${written(before)} before`;
}
