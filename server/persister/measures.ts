import type { Entry } from '#core/incident/entries.ts';
import type { RecordState } from '#core/incident/fold.ts';
import { milestones, type Severity } from '#core/incident/lifecycle.ts';
import type { Fact } from '#core/incident/record.ts';
import { commanderGap, withoutUpdate } from '#core/review/metrics/attention.ts';
import { downtimeOf } from '#core/review/metrics/downtime.ts';
import { measures } from '#core/review/metrics/measures.ts';
import { codeOf, timeOf, type IncidentTimes } from '#core/review/metrics/times.ts';
import type { PartRow } from '#server/storage/projection.ts';
import { storableInstant } from './storable.ts';

/** What the figures are made from. */
export interface Measurable {
	readonly state: RecordState;
	readonly facts: readonly Fact[];
	readonly entries: readonly Entry[];
	readonly highest: Severity | null;
}

/** An incident's row for the figures. */
export function measureRow({ state, facts, entries, highest }: Measurable): PartRow {
	const times = timesOf(state, entries);
	const gap = commanderGap(state, facts);
	const silence = withoutUpdate(state, facts, entries);
	return {
		kind: state.kind,
		counts: counts(state),
		isOver: state.status === 'resolved' || state.status === 'closed',
		severity: highest ?? '',
		declaredAt: storableInstant(state.milestones.declared?.at),
		...Object.fromEntries(measures.map((measure) => [measure.id, codeOf(timeOf(measure, times))])),
		firstAlertAt: storableInstant(times.firstAlert),
		isDowntimeKnown: downtimeOf(state, facts) !== null,
		gapMs: gap.ms,
		gapSince: storableInstant(gap.since),
		silentMs: silence.ms,
		silentSince: storableInstant(silence.since),
		correctedAt: storableInstant(correctedAt(facts)),
	};
}

/** When it was an outage; nothing for what does not count, or has no place in any period. */
export function downtimeRows({ state, facts, highest }: Measurable): readonly PartRow[] {
	if (!counts(state) || state.kind !== 'incident' || !state.milestones.declared) return [];
	const spans = new Map((downtimeOf(state, facts) ?? []).map((span) => [span.since, span]));
	const inOrder = [...spans.values()].filter(({ since, until }) => (until ?? since) >= since);
	return inOrder.map(({ since, until }) => ({
		since: storableInstant(since),
		until: storableInstant(until),
		severity: highest ?? '',
	}));
}

/** What was merged counts where it was merged into. */
const uncounted: readonly string[] = ['declined', 'cancelled', 'merged'];

function counts({ status }: RecordState): boolean {
	return !uncounted.includes(status);
}

function timesOf(state: RecordState, entries: readonly Entry[]): IncidentTimes {
	const alerts = entries.filter(({ kind, struck }) => kind === 'alert' && !struck);
	const reached = milestones.flatMap((milestone) => {
		const at = state.milestones[milestone]?.at;
		return at === undefined ? [] : [[milestone, at] as const];
	});
	return {
		origin: state.origin,
		isClosed: state.status === 'closed',
		reached: Object.fromEntries(reached),
		firstAlert: alerts.reduce<number | null>(
			(first, { occurredAt }) => Math.min(first ?? Infinity, occurredAt),
			null,
		),
	};
}

function correctedAt(facts: readonly Fact[]): number | null {
	const last = facts.findLast((fact) => fact.kind === 'milestone' && fact.corrects !== undefined);
	return last?.recordedAt ?? null;
}
