import type { HistoryTurn } from '#core/incident/history.ts';
import type { TimelineItem } from '#core/incident/reading.ts';
import type { Fact } from '#core/incident/record.ts';
import { axisOf, densityOf, type Axis } from '#core/review/axis.ts';
import type { ReviewClock } from '#core/review/clocks.ts';
import { severityIntervals, statusIntervals } from '#core/review/intervals.ts';
import { marksOf, unsavedStretches, type Mark } from '#core/review/marks.ts';
import { epochMs } from '#core/time.ts';
import type { Band, Lanes } from './messages.ts';

/** What lanes are made of: the whole history, and what it came to. Instants are epoch ms. */
export interface Told {
	readonly turns: readonly HistoryTurn[];
	readonly facts: readonly Fact[];
	readonly timeline: readonly TimelineItem[];
	readonly milestones: readonly number[];
	/** People's comings and goings. */
	readonly comings: readonly Mark[];
	/** Written while it happened: what the room had changes with its turns. */
	readonly isLive: boolean;
}

const bins = 120;

/** What is seen of a history along the axis of a clock. */
export function lanesOf(told: Told, clock: ReviewClock): Lanes {
	const edited = told.isLive
		? told.turns.flatMap(({ at, edits }) => edits.map(() => epochMs(at)))
		: [];
	// The moment of writing something down afterwards is no part of what happened.
	const lines = told.timeline.filter(
		({ occurredAt, recordedAt }) => told.isLive || occurredAt !== recordedAt,
	);
	const happened = lines.flatMap(({ occurredAt, endedAt }) =>
		endedAt === undefined ? [occurredAt] : [occurredAt, endedAt],
	);
	const byTime = clock === 'known' ? [] : [...happened, ...told.milestones];
	const axis = axisOf([...edited, ...byTime]);
	const facts =
		clock === 'known'
			? told.facts.map((fact) => ({ ...fact, occurredAt: fact.recordedAt }))
			: told.facts;
	const marks = [...marksOf(told.timeline, clock), ...(told.isLive ? told.comings : [])]
		.filter(({ at }) => at >= axis.from && at <= axis.to)
		.sort((a, b) => a.at - b.at);
	return {
		axis,
		density: densityOf(axis, clock === 'known' ? edited : happened, bins),
		severities: severityIntervals(facts).map((one) => bandOf(axis, one, one.severity)),
		statuses: statusIntervals(facts).map((one) => bandOf(axis, one, one.status)),
		unsaved: unsavedStretches(told.isLive ? told.turns : []).map(({ from, until }) =>
			bandOf(axis, { since: from, until }, null),
		),
		marks,
		events: eventsOf(lines, clock),
	};
}

function bandOf<Value>(
	{ from, to }: Axis,
	{ since, until }: { since: number; until: number | null },
	value: Value,
): Band<Value> {
	return { from: Math.max(from, since), to: Math.min(to, until ?? to), value };
}

/** The times of the timeline's lines, each once, in order. */
function eventsOf(timeline: readonly TimelineItem[], clock: ReviewClock): readonly number[] {
	const times = timeline.map(({ occurredAt, recordedAt }) =>
		clock === 'known' ? (recordedAt ?? occurredAt) : occurredAt,
	);
	return [...new Set(times)].sort((a, b) => a - b);
}
