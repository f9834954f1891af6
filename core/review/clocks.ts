import type * as Y from 'yjs';
import { readEntries } from '../incident/entries.ts';
import { foldRecord } from '../incident/fold.ts';
import { milestones, type Origin } from '../incident/lifecycle.ts';
import {
	incidentOf,
	mergeTimeline,
	readIncident,
	readRecord,
	type Incident,
	type NameOf,
	type TimelineItem,
} from '../incident/reading.ts';
import { readFacts } from '../incident/record.ts';

/**
 * The two clocks of a review. *known*: what the room had at an instant. *happened*: the entries and
 * milestones whose time had come by then, as they are known at last, whenever somebody logged them.
 */
export const reviewClocks = ['known', 'happened'] as const;
export type ReviewClock = (typeof reviewClocks)[number];

/** The clocks that say something of an incident: what was written down afterwards has no times of logging. */
export function clocksOf(origin: Origin): readonly ReviewClock[] {
	return origin === 'live' ? reviewClocks : ['happened'];
}

/** What a reading at an instant (epoch ms) is made of. */
export interface Moment {
	readonly clock: ReviewClock;
	readonly at: number;
	/** The document as the room had it then. */
	readonly known: Y.Doc;
	/** The document with all that is known by now; the clock *known* does without. */
	readonly latest: Y.Doc | null;
}

/** An incident at an instant by one of the two clocks. It never throws on odd content. */
export function readMoment({ clock, at, known, latest }: Moment, nameOf: NameOf): Incident {
	if (clock === 'known' || !latest) return readIncident(known, nameOf);
	return readAsHappened({ at, known, latest }, nameOf);
}

/**
 * Entries, facts and milestones come from what is known at last, as far as their time has come; who
 * held which role, status and severity follow from those facts. Tasks, notes, impact and theory have
 * one time only and stay as the room had them; of what was written down afterwards, as they are.
 */
function readAsHappened(
	{ at, known, latest }: Omit<Moment, 'clock'> & { latest: Y.Doc },
	nameOf: NameOf,
): Incident {
	const facts = readFacts(latest);
	const record = readRecord(facts, nameOf);
	const begun = facts.filter((fact) => fact.kind === 'declared' || fact.occurredAt <= at);
	const reached = milestones.flatMap((name) => {
		const milestone = record.state.milestones[name];
		return milestone && milestone.at <= at ? [[name, milestone] as const] : [];
	});
	const hasOneClock = clocksOf(record.state.origin).length === 1;
	const texts = readIncident(hasOneClock ? latest : known, nameOf);
	return {
		...incidentOf(foldRecord(begun)),
		milestones: Object.fromEntries(reached),
		timeline: mergeTimeline(record, readEntries(latest)).filter((item) => item.occurredAt <= at),
		tasks: texts.tasks,
		impact: texts.impact,
		theory: texts.theory,
		notes: texts.notes,
	};
}

/** Whether something had happened by an instant, but the room did not know it yet. */
export function isNotYetKnown({ recordedAt }: TimelineItem, at: number): boolean {
	return recordedAt === null || recordedAt > at;
}
