import type { EntryId, FactId, PersonId } from '../ids.ts';
import type { Kind, Milestone, Origin, Severity, Status } from './lifecycle.ts';
import type { Role } from './roles.ts';

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

export type FactBody =
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
	| {
			readonly kind: 'role';
			readonly role: Role;
			/** Who holds it from now on; nobody after a release. */
			readonly person: PersonId | null;
			/** The declarer commands until somebody takes it. */
			readonly acting?: true;
	  }
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
	  }
	| { readonly kind: 'reopened' };

export type FactKind = FactBody['kind'];
