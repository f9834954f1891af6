import * as z from 'zod/mini';
import { textLimits } from '../textLimits.ts';
import { instant, isPlainText, key, personId, sentenceUpTo, title, ulid } from '../wire.ts';

const person = z.nullable(personId);
const position = z.string().check(z.minLength(2), z.maxLength(1_000), z.refine(isPlainText));
const keyed = { idempotencyKey: z.optional(key) };
const mostReviewers = 20;

/** `POST /api/v1/incidents/{id}/retro` begins a retrospective, with an owner and a due date if they are known. */
export const beginRetroRequest = z.strictObject({
	owner: z.optional(person),
	due: z.optional(z.nullable(instant)),
	...keyed,
});
export type BeginRetroRequest = z.infer<typeof beginRetroRequest>;

/** `POST /api/v1/incidents/{id}/retro/commands` */
export const retroCommandRequest = z.discriminatedUnion('type', [
	z.strictObject({
		type: z.literal('setOwner'),
		person,
		/** Who it was for whoever asks. */
		expects: z.optional(person),
		...keyed,
	}),
	z.strictObject({ type: z.literal('setDue'), at: z.nullable(instant), ...keyed }),
	z.strictObject({
		type: z.literal('setReviewers'),
		people: z
			.array(personId)
			.check(z.maxLength(mostReviewers, `At most ${mostReviewers} people can review it.`)),
		...keyed,
	}),
	z.strictObject({ type: z.literal('submit'), ...keyed }),
	z.strictObject({
		type: z.literal('approve'),
		/** Which text was read (`written` of the reading): approved is no other. */
		written: z.optional(z.int().check(z.nonnegative())),
		...keyed,
	}),
	z.strictObject({
		type: z.literal('return'),
		reason: sentenceUpTo(textLimits.reason),
		...keyed,
	}),
	z.strictObject({ type: z.literal('publish'), ...keyed }),
	z.strictObject({ type: z.literal('revise'), ...keyed }),
	z.strictObject({ type: z.literal('nameVersion'), name: title, ...keyed }),
	z.strictObject({
		type: z.literal('comment'),
		text: sentenceUpTo(textLimits.comment),
		anchor: z.optional(
			z.strictObject({
				start: position,
				end: position,
				quote: z.string().check(z.maxLength(textLimits.quote), z.refine(isPlainText)),
			}),
		),
		answers: z.optional(ulid),
		...keyed,
	}),
	z.strictObject({
		type: z.literal('resolveComment'),
		comment: ulid,
		isResolved: z.boolean(),
		...keyed,
	}),
]);
export type RetroCommandRequest = z.infer<typeof retroCommandRequest>;

/** A command as `decideRetro` takes it: the request without its idempotency key. */
export type RetroCommand = RetroCommandRequest extends infer R
	? R extends unknown
		? Omit<R, 'idempotencyKey'>
		: never
	: never;
