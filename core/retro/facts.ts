import * as z from 'zod/mini';
import type { FactId, PersonId } from '../ids.ts';
import { at, base, count } from '../incident/factBase.ts';

/** A stretch of the report that a comment is about: two Yjs relative positions as JSON, and what stood there. */
export interface Anchor {
	readonly start: string;
	readonly end: string;
	readonly quote: string;
}

/** What the server says of a retrospective, beside what it says of every document. */
export type RetroFactBody =
	| {
			readonly kind: 'begun';
			readonly owner: PersonId | null;
			/** Epoch ms. */
			readonly due: number | null;
	  }
	/** Who sees to it that it is written; nobody after somebody has left. */
	| { readonly kind: 'owner'; readonly person: PersonId | null }
	| { readonly kind: 'due'; readonly at: number | null }
	| { readonly kind: 'reviewers'; readonly people: readonly PersonId[] }
	| { readonly kind: 'submitted' }
	| {
			readonly kind: 'approved';
			/** Which text: how much was written by then. */
			readonly written?: number;
	  }
	/** It is a draft again, and why. */
	| { readonly kind: 'returned'; readonly reason: string }
	| {
			readonly kind: 'published';
			/** 1 for the first. */
			readonly version: number;
			/** The turn of the incident's room as of which it shows the incident. */
			readonly incidentTurn: number;
	  }
	/** A further version is begun; the published ones stay. */
	| { readonly kind: 'revised' }
	/** The turn in which this stands has a name. */
	| { readonly kind: 'versionNamed'; readonly name: string }
	| {
			readonly kind: 'commented';
			readonly text: string;
			readonly anchor?: Anchor;
			/** The comment that this one answers. */
			readonly answers?: FactId;
	  }
	| { readonly kind: 'commentResolved'; readonly comment: FactId; readonly isResolved: boolean };

export type RetroFactKind = RetroFactBody['kind'];

export const retroFactKinds = [
	...['begun', 'owner', 'due', 'reviewers', 'submitted', 'approved', 'returned', 'published'],
	...['revised', 'versionNamed', 'commented', 'commentResolved'],
] as const satisfies readonly RetroFactKind[];

const anchor = z.object({ start: z.string(), end: z.string(), quote: z.string() });

/** The schemas of these facts. */
export const retroFactSchemas = [
	z.object({
		...base,
		kind: z.literal('begun'),
		owner: z.nullable(z.string()),
		due: z.nullable(at),
	}),
	z.object({ ...base, kind: z.literal('owner'), person: z.nullable(z.string()) }),
	z.object({ ...base, kind: z.literal('due'), at: z.nullable(at) }),
	z.object({ ...base, kind: z.literal('reviewers'), people: z.array(z.string()) }),
	z.object({ ...base, kind: z.literal('submitted') }),
	z.object({ ...base, kind: z.literal('approved'), written: z.optional(count) }),
	z.object({ ...base, kind: z.literal('returned'), reason: z.string() }),
	z.object({ ...base, kind: z.literal('published'), version: count, incidentTurn: count }),
	z.object({ ...base, kind: z.literal('revised') }),
	z.object({ ...base, kind: z.literal('versionNamed'), name: z.string() }),
	z.object({
		...base,
		kind: z.literal('commented'),
		text: z.string(),
		anchor: z.optional(anchor),
		answers: z.optional(z.string()),
	}),
	z.object({
		...base,
		kind: z.literal('commentResolved'),
		comment: z.string(),
		isResolved: z.boolean(),
	}),
] as const;
