import { isOver } from '../../incident/lifecycle.ts';
import type { RecordState } from '../../incident/fold.ts';
import type { Fact } from '../../incident/record.ts';
import { openSpans, type Span } from './spans.ts';

/** The outages of an incident; null if its beginning, its end or its length is not known. */
export type Downtime = readonly Span[] | null;

/**
 * From the start of the impact (else the declaration) to its end (else the resolution); open while the
 * incident is. A reopening is a further outage, from then until the incident is over again, or until the
 * end of the impact where that lies within.
 */
export function downtimeOf(state: RecordState, facts: readonly Fact[]): Downtime {
	const { impactStarted, declared, impactEnded, resolved } = state.milestones;
	const since = (impactStarted ?? declared)?.at;
	const until = (impactEnded ?? resolved)?.at ?? null;
	if (since === undefined || (until === null && isOver(state.status))) return null;
	if (until !== null && until < since) return null;
	if (until === since && state.origin !== 'live') return null;
	const again = openSpans(facts, since).slice(1);
	return [{ since, until }, ...again.map((span) => endedBy(span, impactEnded?.at ?? null))];
}

function endedBy({ since, until }: Span, impactEnded: number | null): Span {
	const isWithin = impactEnded !== null && impactEnded > since && impactEnded < (until ?? Infinity);
	return { since, until: isWithin ? impactEnded : until };
}
