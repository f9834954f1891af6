import * as z from 'zod/mini';
import { causeLength, isCause } from '../retro/flags.ts';
import { isPlainText, key, personId, sentenceUpTo, title } from '../wire.ts';

/** Where a problem stands, in the words of ITIL: its cause is looked for, is known, is gone. */
export const problemStates = ['investigating', 'knownError', 'resolved'] as const;
export type ProblemState = (typeof problemStates)[number];

export const problemStateNames: Readonly<Record<ProblemState, string>> = {
	investigating: 'Investigating',
	knownError: 'Known error',
	resolved: 'Resolved',
};

/** The longest description of a problem or a cause, in UTF-16 units. */
export const longestDescription = 5_000;

const description = z
	.string()
	.check(
		z.trim(),
		z.maxLength(longestDescription, `This is longer than ${longestDescription} characters.`),
		z.refine(isPlainText, 'This holds characters that cannot be stored.'),
	);

/** The name of a cause, as a retrospective can take it: on one line. */
export const causeName = sentenceUpTo(causeLength).check(
	z.refine(isCause, 'The name of a cause is one line.'),
);

/** `POST /api/v1/causes` */
export const causeRequest = z.strictObject({
	name: causeName,
	description: z.optional(description),
});
export type CauseRequest = z.infer<typeof causeRequest>;

/** `PATCH /api/v1/causes/{name}`. A retired cause is not offered any more; where it stands it stays. */
export const causeChange = z.strictObject({
	description: z.optional(description),
	isRetired: z.optional(z.boolean()),
});
export type CauseChange = z.infer<typeof causeChange>;

const fields = {
	cause: z.optional(z.nullable(causeName)),
	description: z.optional(description),
	owner: z.optional(z.nullable(personId)),
	state: z.optional(z.enum(problemStates)),
};

/** `POST /api/v1/problems` */
export const problemRequest = z.strictObject({ title, ...fields, idempotencyKey: z.optional(key) });
export type ProblemRequest = z.infer<typeof problemRequest>;

/** `PATCH /api/v1/problems/{number}`. `expects` is the version that the sender saw. */
export const problemChange = z.strictObject({
	title: z.optional(title),
	...fields,
	expects: z.optional(z.int()),
});
export type ProblemChange = z.infer<typeof problemChange>;

/** `POST /api/v1/problems/{number}/incidents`: an incident's id or number. */
export const problemIncidentRequest = z.strictObject({
	incident: z.string().check(z.maxLength(100)),
});
