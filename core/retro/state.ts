import type { FactId, PersonId } from '../ids.ts';
import { isRetroFact, type Fact, type FactOf } from '../incident/record.ts';
import type { Approval } from './approvals.ts';
import type { Anchor, RetroFactKind } from './facts.ts';

/** Where a retrospective stands; *none* before it is begun. */
export const stages = ['draft', 'inReview', 'published'] as const;
export type Stage = (typeof stages)[number];

export const stageNames: Readonly<Record<Stage, string>> = {
	draft: 'Draft',
	inReview: 'In review',
	published: 'Published',
};

/** Something said about the report, or about a stretch of it. Instants are epoch ms. */
export interface Comment {
	readonly id: FactId;
	readonly by: PersonId;
	readonly at: number;
	readonly text: string;
	readonly anchor: Anchor | null;
	/** The comment that this one answers. */
	readonly answers: FactId | null;
	readonly isResolved: boolean;
}

/** A published version: what it shows of the incident is as of a turn of the incident's room. */
export interface PublishedVersion {
	readonly version: number;
	readonly by: PersonId;
	readonly at: number;
	readonly incidentTurn: number;
}

/** A turn of the retrospective to which somebody gave a name. */
export interface NamedVersion {
	readonly fact: FactId;
	readonly name: string;
	readonly by: PersonId;
	readonly at: number;
}

/** A retrospective as its record tells it. */
export interface RetroState {
	readonly isBegun: boolean;
	readonly stage: Stage;
	readonly owner: PersonId | null;
	/** Epoch ms. */
	readonly due: number | null;
	readonly begunAt: number | null;
	readonly reviewers: readonly PersonId[];
	/** What of them have approved since it is in review, each once. */
	readonly approvals: readonly Approval[];
	/** Why it was given back, while it is a draft because of that. */
	readonly returned: { readonly by: PersonId; readonly reason: string } | null;
	/** The first one first. */
	readonly versions: readonly PublishedVersion[];
	readonly named: readonly NamedVersion[];
	/** In the order in which they were written. */
	readonly comments: readonly Comment[];
}

/** A retrospective of which nothing is known. */
export const noRetro: RetroState = {
	isBegun: false,
	stage: 'draft',
	owner: null,
	due: null,
	begunAt: null,
	reviewers: [],
	approvals: [],
	returned: null,
	versions: [],
	named: [],
	comments: [],
};

/** The state after these facts. The same facts in the same order give the same state, everywhere. */
export function foldRetro(facts: readonly Fact[]): RetroState {
	return facts.filter(isRetroFact).reduce(evolve, noRetro);
}

function evolve(state: RetroState, fact: FactOf<RetroFactKind>): RetroState {
	switch (fact.kind) {
		case 'begun':
			return {
				...state,
				isBegun: true,
				owner: fact.owner,
				due: fact.due,
				begunAt: fact.recordedAt,
			};
		case 'owner':
			return { ...state, owner: fact.person };
		case 'due':
			return { ...state, due: fact.at };
		case 'reviewers':
			return {
				...state,
				reviewers: fact.people,
				approvals: state.approvals.filter(({ by }) => fact.people.includes(by)),
			};
		case 'submitted':
			return { ...state, stage: 'inReview', approvals: [], returned: null };
		case 'approved':
			return { ...state, approvals: approve(state, fact) };
		case 'returned':
			return {
				...state,
				stage: 'draft',
				approvals: [],
				returned: { by: fact.by, reason: fact.reason },
			};
		case 'published':
			return publish(state, fact);
		case 'revised':
			return { ...state, stage: 'draft', approvals: [], returned: null };
		case 'versionNamed':
			return { ...state, named: [...state.named, namedVersion(fact)] };
		case 'commented':
			return { ...state, comments: [...state.comments, commentOf(fact)] };
		case 'commentResolved':
			return { ...state, comments: state.comments.map((one) => settled(one, fact)) };
	}
	return fact satisfies never;
}

function approve({ approvals }: RetroState, fact: FactOf<'approved'>): readonly Approval[] {
	const { by, written = null } = fact;
	return [...approvals.filter((one) => one.by !== by), { by, written }];
}

function publish(state: RetroState, fact: FactOf<'published'>): RetroState {
	const { version, incidentTurn, by, recordedAt: at } = fact;
	return {
		...state,
		stage: 'published',
		// They were all of this text, also once something is removed from it for good.
		approvals: state.approvals.map(({ by }) => ({ by, written: null })),
		versions: [...state.versions, { version, incidentTurn, by, at }],
	};
}

function namedVersion({ id, name, by, recordedAt }: FactOf<'versionNamed'>): NamedVersion {
	return { fact: id, name, by, at: recordedAt };
}

function commentOf(fact: FactOf<'commented'>): Comment {
	const { id, by, recordedAt: at, text, anchor = null, answers = null } = fact;
	return { id, by, at, text, anchor, answers, isResolved: false };
}

function settled(comment: Comment, fact: FactOf<'commentResolved'>): Comment {
	return comment.id === fact.comment ? { ...comment, isResolved: fact.isResolved } : comment;
}
