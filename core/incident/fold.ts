import type { FactId, PersonId } from '../ids.ts';
import {
	reachedBy,
	type Kind,
	type Milestone,
	type Origin,
	type Severity,
	type Status,
} from './lifecycle.ts';
import type { RestorablePart } from './parts.ts';
import type { Holder, Link, Reached } from './reading.ts';
import type { RetroFactKind } from '../retro/facts.ts';
import { isRetroFact, type Fact, type FactOf } from './record.ts';
import { roles, type Role } from './roles.ts';
import { servicesOf } from './services.ts';

/** What a fact changed last, and who did it when: for the sentence to whoever was too late. */
export interface LastChange {
	readonly by: PersonId;
	readonly recordedAt: number;
}

/** Somebody deleted much at once: who, when (epoch ms), in which turn, and how much of what. */
export interface Deletion {
	readonly fact: FactId;
	readonly by: PersonId;
	readonly at: number;
	readonly turn: number;
	readonly parts: readonly RestorablePart[];
	readonly characters: number;
	readonly before: number;
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
	/** What it concerns, as people call it. */
	readonly services: readonly string[];
	/** It takes no edits: the incident is closed, or its retrospective published. */
	readonly isSealed: boolean;
	readonly roles: Readonly<Record<Role, Holder | null>>;
	readonly milestones: Readonly<Partial<Record<Milestone, Reached>>>;
	/** The first value that each milestone had, also if it was corrected or cleared since. */
	readonly firsts: Readonly<Partial<Record<Milestone, number>>>;
	readonly links: readonly Link[];
	/** The last time that somebody deleted much at once, unless that was restored. */
	readonly deletion: Deletion | null;
	/** By the thing that changed: 'title', 'severity', 'status', 'services', 'role:ops', 'milestone:detected'. */
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
	services: [],
	isSealed: false,
	roles: Object.fromEntries(roles.map((role) => [role, null])) as Record<Role, Holder | null>,
	milestones: {},
	firsts: {},
	links: [],
	deletion: null,
	changed: {},
};

/** The state after these facts. The same facts in the same order give the same state, everywhere. */
export function foldRecord(facts: readonly Fact[], from: RecordState = emptyState): RecordState {
	return facts.reduce(evolve, from);
}

type Remark = FactOf<'logged' | 'claimed' | 'late' | 'setAside' | 'removed' | RetroFactKind>;

/** Whether a fact only says something, and leaves the state as it is. */
function changesNothing(fact: Fact): fact is Remark {
	return (
		['logged', 'claimed', 'late', 'setAside', 'removed'].includes(fact.kind) || isRetroFact(fact)
	);
}

/** The state after one more fact. */
export function evolve(state: RecordState, fact: Fact): RecordState {
	if (fact.kind === 'published') return { ...state, isSealed: true };
	if (fact.kind === 'revised') return { ...state, isSealed: false };
	if (changesNothing(fact)) return state;
	if (fact.kind === 'deleted') return { ...state, deletion: deletionOf(fact) };
	if (fact.kind === 'restored') return afterRestoring(state, fact);
	const change = { by: fact.by, recordedAt: fact.recordedAt };
	const next = { ...state, changed: { ...state.changed, [thingOf(fact)]: change } };
	switch (fact.kind) {
		case 'declared':
			return begin(next, fact);
		case 'renamed':
			return { ...next, title: fact.title };
		case 'severity':
			return { ...next, severity: fact.severity };
		case 'status':
			return enter(next, fact);
		case 'services':
			return { ...next, services: servicesOf(fact.services) };
		case 'reopened':
			return { ...next, status: 'investigating', isSealed: false };
		case 'role':
			return give(next, fact);
		case 'milestone':
			return correct(next, fact);
		case 'link':
			return {
				...next,
				links: [...state.links, { url: fact.url, title: fact.title, by: fact.by }],
			};
		default:
			return fact satisfies never;
	}
}

function begin(state: RecordState, fact: FactOf<'declared'>): RecordState {
	const begun = {
		...state,
		number: fact.number,
		title: fact.title,
		kind: fact.incidentKind,
		origin: fact.origin,
		declaredBy: fact.by,
	};
	return reach(begun, 'declared', fact);
}

function enter(state: RecordState, fact: FactOf<'status'>): RecordState {
	const entered = { ...state, status: fact.status, isSealed: fact.status === 'closed' };
	const milestone = reachedBy[fact.status];
	return milestone ? reach(entered, milestone, fact) : entered;
}

function give(state: RecordState, fact: FactOf<'role'>): RecordState {
	const acting = fact.acting === true;
	const holder =
		fact.person === null ? null : { person: fact.person, since: fact.occurredAt, acting };
	const given = { ...state, roles: { ...state.roles, [fact.role]: holder } };
	const isAnswered = fact.role === 'commander' && fact.person !== null && !acting;
	return isAnswered ? reach(given, 'acknowledged', fact) : given;
}

function deletionOf(fact: FactOf<'deleted'>): Deletion {
	const { id, by, occurredAt, turn, parts, characters, before } = fact;
	return { fact: id, by, at: occurredAt, turn, parts, characters, before };
}

/** A deletion is undone once its parts read as before it. */
function afterRestoring(state: RecordState, fact: FactOf<'restored'>): RecordState {
	const { deletion } = state;
	if (!deletion || fact.turn >= deletion.turn) return state;
	const isUndone = deletion.parts.every((part) => fact.parts.includes(part));
	return isUndone ? { ...state, deletion: null } : state;
}

/** What a fact changes, as `changed` names it. */
function thingOf(fact: Fact): string {
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

/**
 * A milestone keeps the first time at which it was reached. Of an incident that is written down
 * afterwards only a claimed time counts: the moment of writing says nothing of the outage.
 */
function reach(state: RecordState, milestone: Milestone, fact: Fact): RecordState {
	const isGuess = state.origin !== 'live' && fact.occurredAt === fact.recordedAt;
	if (state.milestones[milestone] || isGuess) return state;
	return put(state, milestone, { at: fact.occurredAt, fact });
}

/** A value that a person sets takes the place of any other; null clears it. */
function correct(state: RecordState, fact: FactOf<'milestone'>): RecordState {
	if (fact.at !== null) return put(state, fact.milestone, { at: fact.at, fact });
	const { [fact.milestone]: _cleared, ...others } = state.milestones;
	return { ...state, milestones: others };
}

/** The first value stays visible, whatever comes after it. */
function put(
	state: RecordState,
	milestone: Milestone,
	{ at, fact }: { at: number; fact: Fact },
): RecordState {
	const original = state.firsts[milestone];
	const reached: Reached = {
		at,
		by: fact.by,
		recordedAt: fact.recordedAt,
		fact: fact.id,
		...(original === undefined ? {} : { original }),
	};
	return {
		...state,
		milestones: { ...state.milestones, [milestone]: reached },
		firsts: { ...state.firsts, [milestone]: original ?? at },
	};
}
