import type * as Y from 'yjs';
import type { EntryId, FactId, PersonId, TaskId } from '../ids.ts';
import { impactOf, theoryOf } from './document.ts';
import { readEntries, textOf, type Entry } from './entries.ts';
import { emptyState, evolve, type RecordState } from './fold.ts';
import type { Kind, Milestone, Origin, Severity, Status } from './lifecycle.ts';
import { toMarkdown } from './markdown.ts';
import { readNotes } from './notes.ts';
import { readFacts, type Fact, type FactOf } from './record.ts';
import type { Role } from './roles.ts';
import { sentenceOf } from './sentences.ts';
import { compare, readTasks } from './tasks.ts';

/** Who holds a role, and since when (epoch ms). */
export interface Holder {
	readonly person: PersonId;
	readonly since: number;
	/** The declarer, until somebody takes command. */
	readonly acting: boolean;
}

/** A milestone's instant (epoch ms) with its provenance. */
export interface Reached {
	readonly at: number;
	readonly by: PersonId;
	readonly recordedAt: number;
	/** Its first value, if it was corrected since. */
	readonly original?: number;
	readonly fact: FactId;
}

/** A line of the timeline: something logged, or a fact as a sentence. Sorted by (`occurredAt`, `id`). */
export interface TimelineItem {
	readonly id: EntryId | FactId;
	/** An entry's kind ('note', 'decision', …), or the fact's kind. */
	readonly kind: string;
	readonly source: 'entry' | 'fact';
	readonly text: string;
	/** Who logged it; null while the server has not confirmed it yet. */
	readonly by: PersonId | null;
	readonly occurredAt: number;
	/** When the server had it; null while it is not yet there. */
	readonly recordedAt: number | null;
	readonly endedAt?: number;
	readonly approximate?: true;
	/** Who did it, in free text, where that is not who logged it. */
	readonly actors?: string;
	readonly starred: boolean;
	readonly struck: boolean;
	readonly recordedAs?: string;
	readonly localTime?: string;
	/** It was written before the incident was closed, and could be saved only afterwards. */
	readonly late?: true;
	readonly url?: string;
}

export interface Task {
	readonly id: TaskId;
	readonly title: string;
	readonly assignee: PersonId | null;
	readonly done: boolean;
	/** Epoch ms. */
	readonly due: number | null;
	/** A fractional index: tasks sort by (`order`, `id`). */
	readonly order: string;
}

export interface Link {
	readonly url: string;
	readonly title: string;
	readonly by: PersonId;
}

/** The whole incident as plain data: what rooms show, the API answers, the persister projects. */
export interface Incident {
	readonly number: number;
	readonly title: string;
	readonly kind: Kind;
	readonly origin: Origin;
	readonly severity: Severity | null;
	readonly status: Status;
	/** What it concerns, as people call it. */
	readonly services: readonly string[];
	readonly declaredBy: PersonId | null;
	readonly milestones: Readonly<Partial<Record<Milestone, Reached>>>;
	readonly roles: Readonly<Record<Role, Holder | null>>;
	readonly timeline: readonly TimelineItem[];
	readonly tasks: readonly Task[];
	readonly links: readonly Link[];
	readonly impact: string;
	readonly theory: string;
	/** Markdown. */
	readonly notes: string;
}

/** Joins a name to a person's id. Documents hold ids only, so that people can be renamed or forgotten. */
export type NameOf = (person: PersonId) => string;

/** An incident's document as plain data. It never throws on odd content. */
export function readIncident(doc: Y.Doc, nameOf: NameOf): Incident {
	const record = readRecord(readFacts(doc), nameOf);
	return {
		...incidentOf(record.state),
		timeline: mergeTimeline(record, readEntries(doc)),
		tasks: readTasks(doc),
		impact: textOf(impactOf(doc)),
		theory: textOf(theoryOf(doc)),
		notes: toMarkdown(readNotes(doc)),
	};
}

/** The part of an incident that its record tells. */
export type RecordPart = Omit<Incident, 'timeline' | 'tasks' | 'impact' | 'theory' | 'notes'>;

/** What the state says of the incident. */
export function incidentOf(state: RecordState): RecordPart {
	return {
		number: state.number,
		title: state.title,
		kind: state.kind,
		origin: state.origin,
		severity: state.severity,
		status: state.status,
		services: state.services,
		declaredBy: state.declaredBy,
		milestones: state.milestones,
		roles: state.roles,
		links: state.links,
	};
}

type Logged = FactOf<'logged'>;

/** The record, read in one pass: the state, facts as lines of the timeline, and who logged which entry. */
export interface ReadRecord {
	readonly state: RecordState;
	readonly items: readonly TimelineItem[];
	readonly logged: ReadonlyMap<string, Logged>;
}

/** Reads facts in commit order. */
export function readRecord(facts: readonly Fact[], nameOf: NameOf): ReadRecord {
	let state = emptyState;
	const items: TimelineItem[] = [];
	const logged = new Map<string, Logged>();
	for (const fact of facts) {
		const text = sentenceOf(fact, state, nameOf);
		if (text !== null) items.push(factItem(fact, text));
		if (fact.kind === 'logged' && !logged.has(fact.entry)) logged.set(fact.entry, fact);
		state = evolve(state, fact);
	}
	return { state, items, logged };
}

function factItem(fact: Fact, text: string): TimelineItem {
	return {
		id: fact.id,
		kind: fact.kind,
		source: 'fact',
		text,
		by: fact.by,
		occurredAt: fact.occurredAt,
		recordedAt: fact.recordedAt,
		starred: false,
		struck: false,
		...(fact.kind === 'link' ? { url: fact.url } : {}),
	};
}

/** Entries and facts in one list, sorted by when they happened. */
export function mergeTimeline(
	record: Pick<ReadRecord, 'items' | 'logged'>,
	entries: readonly Entry[],
): readonly TimelineItem[] {
	const lines = entries.map((entry) => entryItem(entry, record.logged.get(entry.id)));
	return [...record.items, ...lines].sort(
		(a, b) => a.occurredAt - b.occurredAt || compare(a.id, b.id),
	);
}

function entryItem(entry: Entry, logged: Logged | undefined): TimelineItem {
	return {
		...entry,
		source: 'entry',
		by: logged?.by ?? null,
		recordedAt: logged?.recordedAt ?? null,
		...(logged?.recordedAs === undefined ? {} : { recordedAs: logged.recordedAs }),
		...(logged?.localTime === undefined ? {} : { localTime: logged.localTime }),
		...(logged?.late ? { late: true as const } : {}),
	};
}
