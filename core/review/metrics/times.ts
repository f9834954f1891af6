import type { Milestone, Origin } from '../../incident/lifecycle.ts';
import type { Anchor, Measure, MeasureState } from './measures.ts';

/** What a measure of one incident depends on. Instants are epoch ms. */
export interface IncidentTimes {
	readonly origin: Origin;
	readonly isClosed: boolean;
	readonly reached: Readonly<Partial<Record<Milestone, number>>>;
	/** Null if no alert is known: then nothing can be counted from one, however long is waited. */
	readonly firstAlert: number | null;
}

/** A measure of one incident: its length in ms, or why it has none. */
export type MeasuredTime =
	| { readonly state: 'valid'; readonly ms: number }
	| { readonly state: Exclude<MeasureState, 'valid'> };

/** The measure of an incident, by the rules of domain.md for what is missing, reversed or of no length. */
export function timeOf({ start, end }: Measure, times: IncidentTimes): MeasuredTime {
	const from = instantOf(start, times);
	const to = instantOf(end, times);
	if (start === 'firstAlert' && from === null) return { state: 'notApplicable' };
	if (from === null || to === null) return { state: times.isClosed ? 'notApplicable' : 'pending' };
	if (to < from) return { state: 'invalid' };
	if (to === from && times.origin !== 'live') return { state: 'zero' };
	return { state: 'valid', ms: to - from };
}

function instantOf(anchor: Anchor, { reached, firstAlert }: IncidentTimes): number | null {
	return anchor === 'firstAlert' ? firstAlert : (reached[anchor] ?? null);
}

/** How a measure without a value is kept in the column that otherwise holds its ms. */
export const stateCodes = {
	pending: -1,
	notApplicable: -2,
	invalid: -3,
	zero: -4,
} as const satisfies Readonly<Record<Exclude<MeasureState, 'valid'>, number>>;

/** A measured time as one number: its ms, or the code of why it has none. */
export function codeOf(time: MeasuredTime): number {
	return time.state === 'valid' ? time.ms : stateCodes[time.state];
}

/** What a number that `codeOf` made says. */
export function timeFromCode(code: number): MeasuredTime {
	if (code >= 0) return { state: 'valid', ms: code };
	for (const state of ['pending', 'notApplicable', 'invalid', 'zero'] as const) {
		if (stateCodes[state] === code) return { state };
	}
	throw new Error(`No measure is kept as ${code}.`);
}
