import type { EntryId, PersonId } from '#core/ids.ts';
import type { Severity, Status } from '#core/incident/lifecycle.ts';
import type { Block } from '#core/incident/notes.ts';
import type { Incident } from '#core/incident/reading.ts';
import type { Axis } from '#core/review/axis.ts';
import type { Passage } from '#core/review/blame.ts';
import type { Change } from '#core/review/changes.ts';
import type { ReviewClock } from '#core/review/clocks.ts';
import type { Mark } from '#core/review/marks.ts';

/** What held over a stretch of the axis, epoch ms. */
export interface Band<Value> {
	readonly from: number;
	readonly to: number;
	readonly value: Value;
}

/** What a reviewer sees of an incident before playing it, by one of the clocks. */
export interface Lanes {
	readonly axis: Axis;
	/** How much goes on along the axis, bin by bin. */
	readonly density: readonly number[];
	readonly severities: readonly Band<Severity | null>[];
	readonly statuses: readonly Band<Status>[];
	readonly unsaved: readonly Band<null>[];
	readonly marks: readonly Mark[];
	/** Instants worth a stop, in order. */
	readonly events: readonly number[];
}

export interface Overview {
	readonly turns: number;
	readonly isOpen: boolean;
	/** As of when it is told (epoch ms), if the incident could not be opened whole. */
	readonly shownAsOf: number | null;
	readonly clocks: readonly ReviewClock[];
	readonly lanes: Readonly<Partial<Record<ReviewClock, Lanes>>>;
	readonly people: readonly { readonly id: PersonId; readonly name: string }[];
}

/** The incident at an instant. */
export interface Shown {
	readonly at: number;
	readonly clock: ReviewClock;
	/** The last turn by then; 0 before the first one. */
	readonly turn: number;
	readonly reading: Incident;
	/** Null where only their Markdown is known. */
	readonly notes: readonly Block[] | null;
	/** Lines that had happened, and that nobody had logged yet. */
	readonly notYetKnown: ReadonlySet<string>;
}

/** What can be asked who wrote it. */
export type Written =
	| { readonly of: 'entry'; readonly entry: EntryId }
	| { readonly of: 'impact' | 'theory' | 'notes' };

export type Instant = Pick<Shown, 'at' | 'clock'>;

/** What the page asks its worker; each question has one answer. */
export type Question =
	/** Fetches what there is of an incident's history, and later what is new. */
	| { readonly kind: 'load'; readonly incident: string }
	| { readonly kind: 'show'; readonly instant: Instant }
	| { readonly kind: 'changes'; readonly from: Instant; readonly to: Instant }
	| { readonly kind: 'passages'; readonly instant: Instant; readonly written: Written };

export interface Answers {
	readonly load: Overview;
	readonly show: Shown;
	readonly changes: readonly Change[];
	/** Block by block. */
	readonly passages: readonly (readonly Passage[])[];
}

/** How far the history is here, in turns. */
export interface Progress {
	readonly done: number;
	readonly of: number;
}

export type ToWorker = { readonly id: number; readonly question: Question };
export type FromWorker =
	| { readonly id: number; readonly answer: Answers[Question['kind']] }
	| { readonly id: number; readonly fault: string }
	| { readonly progress: Progress };
