import type { FactId, PersonId } from '../ids.ts';
import {
	reachedBy,
	type Kind,
	type Milestone,
	type Origin,
	type Severity,
	type Status,
} from './lifecycle.ts';
import type { Holder, Link, Reached } from './reading.ts';
import type { Fact } from './record.ts';
import { roles, type Role } from './roles.ts';

/** What a fact changed last, and who did it when: for the sentence to whoever was too late. */
export interface LastChange {
	readonly by: PersonId;
	readonly recordedAt: number;
}

/** Where an incident stands: a fold over its record, in commit order. */
export interface RecordState {
	readonly number: number;
	readonly title: string;
	readonly kind: Kind;
	readonly origin: Origin;
	readonly declaredBy: PersonId | null;
	readonly severity: Severity | null;
	readonly status: Status;
	readonly isSealed: boolean;
	readonly roles: Readonly<Record<Role, Holder | null>>;
	readonly milestones: Readonly<Partial<Record<Milestone, Reached>>>;
	readonly links: readonly Link[];
	/** By the thing that changed: 'title', 'severity', 'status', 'role:ops', 'milestone:detected'. */
	readonly changed: Readonly<Record<string, LastChange>>;
}

/** An incident of which nothing is known. */
export const emptyState: RecordState = {
	number: 0,
	title: '',
	kind: 'incident',
	origin: 'live',
	declaredBy: null,
	severity: null,
	status: 'investigating',
	isSealed: false,
	roles: Object.fromEntries(roles.map((role) => [role, null])) as Record<Role, Holder | null>,
	milestones: {},
	links: [],
	changed: {},
};

/** The state after these facts. The same facts in the same order give the same state, everywhere. */
export function foldRecord(facts: readonly Fact[], from: RecordState = emptyState): RecordState {
	return facts.reduce(evolve, from);
}

/** The state after one more fact. */
export function evolve(state: RecordState, fact: Fact): RecordState {
	const next = {
		...state,
		changed: { ...state.changed, [thingOf(fact)]: { by: fact.by, recordedAt: fact.recordedAt } },
	};
	switch (fact.kind) {
		case 'declared':
			return {
				...next,
				number: fact.number,
				title: fact.title,
				kind: fact.incidentKind,
				origin: fact.origin,
				declaredBy: fact.by,
				milestones: reach(state, 'declared', fact),
			};
		case 'renamed':
			return { ...next, title: fact.title };
		case 'severity':
			return { ...next, severity: fact.severity };
		case 'status': {
			const reached = reachedBy[fact.status];
			return {
				...next,
				status: fact.status,
				isSealed: fact.status === 'closed',
				milestones: reached ? reach(state, reached, fact) : state.milestones,
			};
		}
		case 'reopened':
			return { ...next, status: 'investigating', isSealed: false };
		case 'role': {
			const holder = fact.person && {
				person: fact.person,
				since: fact.occurredAt,
				acting: fact.acting === true,
			};
			const isAnswered = fact.role === 'commander' && fact.person !== null && !fact.acting;
			return {
				...next,
				roles: { ...state.roles, [fact.role]: holder },
				milestones: isAnswered ? reach(state, 'acknowledged', fact) : state.milestones,
			};
		}
		case 'milestone':
			return { ...next, milestones: correct(state, fact) };
		case 'link':
			return {
				...next,
				links: [...state.links, { url: fact.url, title: fact.title, by: fact.by }],
			};
		case 'logged':
			return state;
		default:
			return fact satisfies never;
	}
}

/** What a fact changes, as `changed` names it. */
export function thingOf(fact: Fact): string {
	switch (fact.kind) {
		case 'role':
			return `role:${fact.role}`;
		case 'milestone':
			return `milestone:${fact.milestone}`;
		case 'declared':
		case 'renamed':
			return 'title';
		case 'reopened':
			return 'status';
		default:
			return fact.kind;
	}
}

type Milestones = RecordState['milestones'];

/** A milestone keeps the first time at which it was reached. */
function reach(state: RecordState, milestone: Milestone, fact: Fact): Milestones {
	if (state.milestones[milestone]) return state.milestones;
	return { ...state.milestones, [milestone]: reachedAt(fact.occurredAt, fact) };
}

function reachedAt(at: number, fact: { by: PersonId; recordedAt: number; id: FactId }): Reached {
	return { at, by: fact.by, recordedAt: fact.recordedAt, fact: fact.id };
}

function correct(state: RecordState, fact: Extract<Fact, { kind: 'milestone' }>): Milestones {
	const { [fact.milestone]: before, ...others } = state.milestones;
	if (fact.at === null) return others;
	const reached = reachedAt(fact.at, fact);
	if (!before) return { ...others, [fact.milestone]: reached };
	return { ...others, [fact.milestone]: { ...reached, original: before.original ?? before.at } };
}
