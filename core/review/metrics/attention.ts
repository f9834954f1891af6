import type { Entry } from '../../incident/entries.ts';
import type { RecordState } from '../../incident/fold.ts';
import type { Fact } from '../../incident/record.ts';
import { roleIntervals } from '../intervals.ts';
import { lengthOf, openSpans, without, type Span } from './spans.ts';

/** The next update is due this long after the last one. */
export const updateDueMs = 30 * 60_000;

/** Entries by which an update is told. */
const updateKinds = ['comms', 'update'];

/** How long something was missing: what is over of it, in ms, and since when (epoch ms) it is missing now. */
export interface Missing {
	readonly ms: number;
	readonly since: number | null;
}

const never: Missing = { ms: 0, since: null };

/** How long a live incident was open without anybody in command. Others have no roles to speak of. */
export function commanderGap(state: RecordState, facts: readonly Fact[]): Missing {
	const open = liveSpans(state, facts);
	const commanded = roleIntervals(facts).filter(({ role }) => role === 'commander');
	return lengthOf(without(open, commanded));
}

/** How long a live incident was open past the time when an update was due. */
export function withoutUpdate(
	state: RecordState,
	facts: readonly Fact[],
	entries: readonly Entry[],
): Missing {
	const open = liveSpans(state, facts);
	if (open.length === 0) return never;
	const told = entries
		.filter(({ kind, struck }) => updateKinds.includes(kind) && !struck)
		.map(({ occurredAt }) => occurredAt);
	const covered = [...told, ...open.map(({ since }) => since)].map((since) => {
		return { since, until: since + updateDueMs };
	});
	return lengthOf(without(open, covered));
}

function liveSpans(state: RecordState, facts: readonly Fact[]): readonly Span[] {
	const began = state.milestones.declared?.at;
	if (state.origin !== 'live' || began === undefined) return [];
	return openSpans(facts, began);
}
