import * as z from 'zod/mini';
import type { IncidentId, PersonId } from '../ids.ts';
import { textLimits } from '../textLimits.ts';
import { key, personId, sentenceUpTo, title, ulid } from '../wire.ts';
import { actionKinds, actionStates, type ActionKind, type ActionState } from './actions.ts';

/** A day, `2026-11-24`, of the years 1970 to 9999. */
export const day = z.iso
	.date({ error: 'This is not a day like 2026-11-24.' })
	.check(z.refine((text) => text >= '1970-01-01', 'This day is not in the years 1970 to 9999.'));

/** The address of a thing in a tracker outside: nothing else may be followed from here. */
export const trackerLink = sentenceUpTo(textLimits.url).check(
	z.refine(isWebAddress, 'A link starts with https:// or http:// and has no blanks.'),
);

function isWebAddress(text: string): boolean {
	return /^https?:\/\/[^\s\p{Cc}]+$/iu.test(text) && URL.canParse(text);
}

const changeable = {
	kind: z.enum(actionKinds),
	owner: z.nullable(personId),
	dueOn: z.nullable(day),
	link: z.nullable(trackerLink),
};

/** `POST /api/v1/incidents/{id}/actions` */
export const actionRequest = z.strictObject({
	title,
	kind: z.optional(changeable.kind),
	owner: z.optional(changeable.owner),
	dueOn: z.optional(changeable.dueOn),
	link: z.optional(changeable.link),
	takenFrom: z.optional(ulid),
	idempotencyKey: z.optional(key),
});
export type ActionRequest = z.infer<typeof actionRequest>;

/** `PATCH /api/v1/actions/{id}`. `expects` is the version that the sender saw. */
export const actionChange = z.strictObject({
	title: z.optional(title),
	kind: z.optional(changeable.kind),
	owner: z.optional(changeable.owner),
	dueOn: z.optional(changeable.dueOn),
	link: z.optional(changeable.link),
	state: z.optional(z.enum(actionStates)),
	expects: z.optional(z.int()),
});
export type ActionChange = z.infer<typeof actionChange>;

/** Somebody with their name as it is today. */
export interface Named {
	readonly id: PersonId;
	readonly name: string;
}

/** An incident as lists name it. */
export interface NamedIncident {
	readonly id: IncidentId;
	readonly number: number;
	readonly title: string;
}

/** An action as the API answers it. Instants are ISO 8601 UTC, days `2026-11-24`. */
export interface ActionAnswer {
	readonly id: string;
	readonly incident: NamedIncident;
	readonly title: string;
	readonly kind: ActionKind;
	/** Null if nobody has it, or whoever had it has left. */
	readonly owner: Named | null;
	/** Who had it until they left. */
	readonly formerOwner: Named | null;
	readonly dueOn: string | null;
	readonly isOverdue: boolean;
	readonly state: ActionState;
	readonly link: string | null;
	readonly takenFrom: string | null;
	readonly version: number;
	readonly madeBy: Named;
	readonly madeAt: string;
	readonly changedBy: Named;
	readonly changedAt: string;
	readonly endedBy: Named | null;
	readonly endedAt: string | null;
}
