import type { EntryId, FactId, PersonId, TaskId } from '../ids.ts';
import type { Kind, Milestone, Origin, Severity, Status } from './lifecycle.ts';
import type { FactKind } from './record.ts';
import type { Role } from './roles.ts';

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

export type { FactKind };
