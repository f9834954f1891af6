import type { PersonId } from '../ids.ts';
import type { HistoryTurn } from '../incident/history.ts';
import type { NameOf, TimelineItem } from '../incident/reading.ts';
import { epochMs } from '../time.ts';
import type { ReviewClock } from './clocks.ts';

/** A stretch of time, epoch ms; `until` is null while it lasts. */
export interface Stay {
	readonly from: number;
	readonly until: number | null;
}

/** Somebody was in the room, on one connection. */
export interface Visit extends Stay {
	readonly person: PersonId;
}

/** What a mark stands for. */
export type MarkKind =
	| 'alert'
	| 'star'
	| 'decision'
	| 'severity'
	| 'status'
	| 'role'
	| 'removed'
	| 'came'
	| 'went'
	| 'other';

/** Something that a reviewer looks for on the axis of time. */
export interface Mark {
	/** Epoch ms, by the clock that was asked for. */
	readonly at: number;
	readonly kind: MarkKind;
	readonly text: string;
	/** The line of the timeline that it stands for. */
	readonly item: string | null;
}

/** Kinds of entries that a machine reports, or that somebody logs of one. */
const alertKinds = ['alert', 'detection', 'deploy'];
const factKinds: Readonly<Record<string, MarkKind>> = {
	severity: 'severity',
	status: 'status',
	reopened: 'status',
	role: 'role',
	removed: 'removed',
};

/** What stands out of a timeline, by one of the clocks; notes without a star do not. */
export function marksOf(timeline: readonly TimelineItem[], clock: ReviewClock): Mark[] {
	const marks = timeline.flatMap((item): Mark[] => {
		const kind = kindOf(item);
		const at = clock === 'known' ? (item.recordedAt ?? item.occurredAt) : item.occurredAt;
		return kind ? [{ at, kind, text: item.text, item: item.id }] : [];
	});
	return marks.sort((a, b) => a.at - b.at);
}

function kindOf(item: TimelineItem): MarkKind | null {
	if (item.source === 'fact') return factKinds[item.kind] ?? 'other';
	if (item.struck) return null;
	if (alertKinds.includes(item.kind)) return 'alert';
	if (item.starred) return 'star';
	return item.kind === 'decision' ? 'decision' : null;
}

/** Whoever leaves for less than this has not left: pages are loaded anew, connections break. */
const absenceMs = 60_000;

/** Who came and went, person by person, whatever connections they had. */
export function comingsAndGoings(visits: readonly Visit[], nameOf: NameOf): Mark[] {
	const marks = [...Map.groupBy(visits, ({ person }) => person)].flatMap(([person, theirs]) =>
		joined(theirs, absenceMs).flatMap(({ from, until }) => {
			const came = markOf('came', from, `${nameOf(person)} came`);
			return until === null ? [came] : [came, markOf('went', until, `${nameOf(person)} left`)];
		}),
	);
	return marks.sort((a, b) => a.at - b.at);
}

function markOf(kind: MarkKind, at: number, text: string): Mark {
	return { at, kind, text, item: null };
}

/** Longer than this between an edit's arrival and its commit, and the room says that it is not saved. */
const unsavedAfterMs = 1_500;

/** When what people did could not be saved at once. */
export function unsavedStretches(turns: readonly HistoryTurn[]): readonly Stay[] {
	const waits = turns.flatMap(({ at, edits }) => {
		const until = epochMs(at);
		const from = Math.min(...edits.map(({ receivedAt }) => receivedAt));
		return until - from > unsavedAfterMs ? [{ from, until }] : [];
	});
	return joined(waits, 0);
}

/** Stays that overlap, or follow each other within `gapMs`, as one. */
function joined(stays: readonly Stay[], gapMs: number): Stay[] {
	const found: Stay[] = [];
	for (const { from, until } of stays.toSorted((a, b) => a.from - b.from)) {
		const last = found.at(-1);
		if (!last || (last.until !== null && from - last.until > gapMs)) found.push({ from, until });
		else found[found.length - 1] = { from: last.from, until: later(last.until, until) };
	}
	return found;
}

function later(a: number | null, b: number | null): number | null {
	return a === null || b === null ? null : Math.max(a, b);
}
