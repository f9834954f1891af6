import type * as Y from 'yjs';
import * as z from 'zod/mini';
import type { DocumentKind, EntryId, FactId, PersonId } from '../ids.ts';
import { recordOf } from './document.ts';
import { at, base, count } from './factBase.ts';
import {
	kinds,
	milestones,
	origins,
	severities,
	statuses,
	type Kind,
	type Milestone,
	type Origin,
	type Severity,
	type Status,
} from './lifecycle.ts';
import { removedParts, restorableParts, type RemovedPart, type RestorablePart } from './parts.ts';
import { roles, type Role } from './roles.ts';
import {
	retroFactKinds,
	retroFactSchemas,
	type RetroFactBody,
	type RetroFactKind,
} from '../retro/facts.ts';

/** What every fact has. Instants are epoch milliseconds. */
interface FactBase {
	readonly id: FactId;
	readonly by: PersonId;
	/** When the server committed it: its turn's instant. */
	readonly recordedAt: number;
	/** When it happened, as somebody claims; may be earlier than `recordedAt`. */
	readonly occurredAt: number;
	/** The idempotency key of the request that made it, with a digest of that request's body. */
	readonly key?: string;
	readonly print?: string;
}

/** What the server knows of an incident, in its own words. Written by the server alone, never changed. */
export type Fact = FactBase & FactBody;

export type FactBody = IncidentFactBody | RetroFactBody;

/** What is said of an incident, and some of it of either document. */
export type IncidentFactBody =
	| {
			readonly kind: 'declared';
			readonly title: string;
			readonly number: number;
			readonly incidentKind: Kind;
			readonly origin: Origin;
	  }
	| { readonly kind: 'renamed'; readonly title: string }
	| { readonly kind: 'severity'; readonly severity: Severity | null }
	| { readonly kind: 'status'; readonly status: Status }
	/** Which services it concerns, all of them, in the order in which they are shown. */
	| { readonly kind: 'services'; readonly services: readonly string[] }
	| {
			readonly kind: 'role';
			readonly role: Role;
			/** Who holds it from now on; nobody after a release. */
			readonly person: PersonId | null;
			/** The declarer commands until somebody takes it. */
			readonly acting?: true;
	  }
	/** Somebody wanted this role too, but another was faster and holds it. */
	| { readonly kind: 'claimed'; readonly role: Role }
	| {
			readonly kind: 'milestone';
			readonly milestone: Milestone;
			/** Null clears it: it is not known after all. */
			readonly at: number | null;
			/** The fact that this one corrects, if the milestone had a value. */
			readonly corrects?: FactId;
	  }
	| { readonly kind: 'link'; readonly url: string; readonly title: string }
	| {
			readonly kind: 'logged';
			readonly entry: EntryId;
			/** How a source wrote the time, where it differs from what is true (a mistyped date, a local time). */
			readonly recordedAs?: string;
			readonly localTime?: string;
			/** It was written before the incident was closed, and could be saved only afterwards. */
			readonly late?: true;
	  }
	| { readonly kind: 'reopened' }
	/** Edits of this person's were made before the incident was closed, and could be saved only afterwards. */
	| { readonly kind: 'late' }
	/** This person's words could be saved only when something else stood in their place. */
	| { readonly kind: 'setAside'; readonly text: string }
	/** Somebody deleted much at once. */
	| {
			readonly kind: 'deleted';
			/** The turn in which that was. */
			readonly turn: number;
			readonly parts: readonly RestorablePart[];
			/** How many characters of these parts are gone, of how many that there were. */
			readonly characters: number;
			readonly before: number;
	  }
	/** Parts of the document read again as they did after a turn. */
	| {
			readonly kind: 'restored';
			readonly turn: number;
			/** That turn's instant. */
			readonly at: number;
			readonly parts: readonly RestorablePart[];
			/** Turns that could not be opened and are passed over. */
			readonly leftOut?: { readonly from: number; readonly to: number };
	  }
	/** Something was removed for good, from the history too. It says where and why, never what. */
	| {
			readonly kind: 'removed';
			readonly reason: string;
			readonly parts: readonly RemovedPart[];
			/** The turns that held it: first and last of each stretch. */
			readonly turns: readonly (readonly [from: number, to: number])[];
	  };

export type FactKind = FactBody['kind'];
export type FactOf<Kind extends FactKind> = Extract<Fact, { kind: Kind }>;

const text = z.string();

const factSchema = z.discriminatedUnion('kind', [
	z.object({
		...base,
		kind: z.literal('declared'),
		title: text,
		number: count,
		incidentKind: z.enum(kinds),
		origin: z.enum(origins),
	}),
	z.object({ ...base, kind: z.literal('renamed'), title: text }),
	z.object({ ...base, kind: z.literal('severity'), severity: z.nullable(z.enum(severities)) }),
	z.object({ ...base, kind: z.literal('status'), status: z.enum(statuses) }),
	z.object({ ...base, kind: z.literal('services'), services: z.array(text) }),
	z.object({
		...base,
		kind: z.literal('role'),
		role: z.enum(roles),
		person: z.nullable(text),
		acting: z.optional(z.literal(true)),
	}),
	z.object({ ...base, kind: z.literal('claimed'), role: z.enum(roles) }),
	z.object({
		...base,
		kind: z.literal('milestone'),
		milestone: z.enum(milestones),
		at: z.nullable(at),
		corrects: z.optional(text),
	}),
	z.object({ ...base, kind: z.literal('link'), url: text, title: text }),
	z.object({
		...base,
		kind: z.literal('logged'),
		entry: text,
		recordedAs: z.optional(text),
		localTime: z.optional(text),
		late: z.optional(z.literal(true)),
	}),
	z.object({ ...base, kind: z.literal('reopened') }),
	z.object({ ...base, kind: z.literal('late') }),
	z.object({ ...base, kind: z.literal('setAside'), text }),
	z.object({
		...base,
		kind: z.literal('deleted'),
		turn: count,
		parts: z.array(z.enum(restorableParts)),
		characters: count,
		before: count,
	}),
	z.object({
		...base,
		kind: z.literal('restored'),
		turn: count,
		at,
		parts: z.array(z.enum(restorableParts)),
		leftOut: z.optional(z.object({ from: count, to: count })),
	}),
	z.object({
		...base,
		kind: z.literal('removed'),
		reason: text,
		parts: z.array(z.enum(removedParts)),
		turns: z.array(z.tuple([count, count])),
	}),
	...retroFactSchemas,
]);

/** The facts of a document in commit order. What is no fact is left out; it never throws. */
export function readFacts(doc: Y.Doc): readonly Fact[] {
	return recordOf(doc)
		.toArray()
		.flatMap((item) => {
			const read = factSchema.safeParse(item);
			return read.success ? [read.data as Fact] : [];
		});
}

/** Whether a fact is said of a retrospective alone. */
export function isRetroFact(fact: Fact): fact is FactOf<RetroFactKind> {
	return retroFactKinds.some((kind) => kind === fact.kind);
}

/** What is said of incidents and retrospectives alike. */
const sharedKinds: readonly FactKind[] = ['late', 'setAside', 'deleted', 'restored', 'removed'];

/** Whether a document of this kind can hold a fact. */
export function belongsIn(kind: DocumentKind, fact: Fact): boolean {
	return sharedKinds.includes(fact.kind) || isRetroFact(fact) === (kind === 'retro');
}

/** Whether turns are passed over since this fact: whoever holds them in memory begins anew. */
export function leavesOut(fact: Fact): boolean {
	return fact.kind === 'restored' && fact.leftOut !== undefined;
}

/** Whether something was removed for good by this: whoever holds earlier turns in memory begins anew. */
export function isRemoval(fact: Fact): boolean {
	return fact.kind === 'removed';
}
