import * as z from 'zod/mini';
import { isUlid, isUuid, type IncidentId, type PersonId } from './ids.ts';
import {
	kinds,
	milestones,
	origins,
	severities,
	statuses,
	type Kind,
	type Severity,
	type Status,
} from './incident/lifecycle.ts';
import { roles, type Role } from './incident/roles.ts';
import { serviceLimits, servicesOf } from './incident/services.ts';
import { textLimits } from './textLimits.ts';
import { isInstant } from './time.ts';

/** A text of 1 to so many characters that can be stored, without blanks around it. */
export const sentenceUpTo = (max: number): z.ZodMiniString =>
	z
		.string()
		.check(
			z.trim(),
			z.minLength(1, 'This cannot be empty.'),
			z.maxLength(max, `This is longer than ${max} characters.`),
			z.refine(isPlainText, 'This holds characters that cannot be stored.'),
		);

/** Whether a text can be stored: Postgres and JSON refuse NUL and lone surrogates, nothing else. */
export function isPlainText(text: string): boolean {
	return !text.includes('\0') && text.isWellFormed();
}

/** A title, 1 to 200 characters of which some are seen, on one line: line breaks become blanks. */
export const title = sentenceUpTo(textLimits.title).check(
	z.overwrite((text) => text.replace(/[\t\v\f\r\n\u2028\u2029]+/g, ' ')),
	z.refine((text) => /[\p{L}\p{N}\p{P}\p{S}]/u.test(text), 'This cannot be empty.'),
);

/** What people call a service, on one line. */
export const serviceName = sentenceUpTo(serviceLimits.name).check(
	z.overwrite((text) => text.replace(/\s+/g, ' ')),
);

/** The services that an incident concerns, each once. */
const services = z.pipe(
	z
		.array(serviceName)
		.check(
			z.refine(
				(names) => servicesOf(names).length <= serviceLimits.count,
				`An incident concerns at most ${serviceLimits.count} services.`,
			),
		),
	z.transform((names: string[]) => servicesOf(names)),
);

/** `PUT /api/v1/services`: a service, and which team looks after it. */
export const serviceRequest = z.strictObject({
	name: serviceName,
	team: z.nullable(serviceName),
});
export type ServiceRequest = z.infer<typeof serviceRequest>;

/** An instant as ISO 8601 with a zone, years 1970 to 9999; read as epoch milliseconds. */
export const instant = z.pipe(
	z.iso
		.datetime({ offset: true, error: 'This is not an instant like 2026-11-24T02:13:00Z.' })
		.check(z.refine(isInRange, 'This instant is not in the years 1970 to 9999.')),
	z.transform((text) => Date.parse(text)),
);

/** Whether an instant that is well-formed is in range; what is not well-formed is told by its form. */
function isInRange(text: string): boolean {
	const at = Date.parse(text);
	return Number.isNaN(at) || (at >= 0 && isInstant(at));
}

/** A person’s id. */
export const personId = z.pipe(
	z.string().check(z.refine(isUuid, 'This is not the id of a person.')),
	z.transform((text) => text as PersonId),
);

/** What makes a repeated request the same one. */
export const key = z
	.string()
	.check(z.minLength(1), z.maxLength(textLimits.key), z.refine(isPlainText));

/** `POST /api/v1/incidents` */
export const declareRequest = z.strictObject({
	title,
	severity: z.optional(z.nullable(z.enum(severities))),
	kind: z.optional(z.enum(kinds)),
	origin: z.optional(z.enum(origins)),
	services: z.optional(services),
	idempotencyKey: z.optional(key),
});
export type DeclareRequest = z.infer<typeof declareRequest>;

/** An entry's kind: one of ours, or a word that a source uses. */
export const entryKind = z
	.string()
	.check(z.regex(/^[A-Za-z][A-Za-z0-9_-]{0,31}$/, 'A kind is one word of up to 32 letters.'));

/** `POST /api/v1/incidents/{id}/entries` */
export const entryRequest = z
	.strictObject({
		text: sentenceUpTo(textLimits.entry),
		kind: z.optional(entryKind),
		occurredAt: z.optional(instant),
		endedAt: z.optional(instant),
		approximate: z.optional(z.boolean()),
		actors: z.optional(sentenceUpTo(textLimits.actors)),
		starred: z.optional(z.boolean()),
		idempotencyKey: z.optional(key),
	})
	.check(
		z.refine(({ occurredAt, endedAt }) => !(Number(endedAt) < Number(occurredAt)), {
			error: 'This ends before it begins.',
			path: ['endedAt'],
		}),
	);
export type EntryRequest = z.infer<typeof entryRequest>;

/** `POST /api/v1/incidents/{id}/restore` */
export const restoreRequest = z
	.strictObject({
		turn: z.optional(z.int().check(z.minimum(1))),
		beforeLastDeletion: z.optional(z.literal(true)),
		idempotencyKey: z.optional(key),
	})
	.check(
		z.refine(({ turn, beforeLastDeletion }) => !(turn && beforeLastDeletion), {
			error: 'Either a turn or the version before the last deletion.',
			path: ['turn'],
		}),
	);
export type RestoreRequest = z.infer<typeof restoreRequest>;

/** The id of a thing in a document. */
export const ulid = z.string().check(z.refine(isUlid, 'This is not the id of such a thing.'));

/** The shortest text that is removed wherever it is: shorter ones are everywhere. */
export const shortestRemoval = 4;

/** `POST /api/v1/incidents/{id}/removals` */
export const removalRequest = z
	.strictObject({
		text: z.optional(
			z
				.string()
				.check(
					z.trim(),
					z.minLength(shortestRemoval, `This is shorter than ${shortestRemoval} characters.`),
					z.maxLength(textLimits.removal, `This is longer than ${textLimits.removal} characters.`),
					z.refine(isPlainText, 'This holds characters that cannot be stored.'),
				),
		),
		entry: z.optional(ulid),
		fact: z.optional(ulid),
		task: z.optional(ulid),
		reason: sentenceUpTo(textLimits.reason),
		idempotencyKey: z.optional(key),
	})
	.check(
		z.refine(
			({ text, entry, fact, task }) =>
				[text, entry, fact, task].filter((one) => one !== undefined).length === 1,
			{ error: 'Say what is to be removed: a text, an entry, a fact or a task.', path: ['text'] },
		),
	);
export type RemovalRequest = z.infer<typeof removalRequest>;

/** `POST /api/v1/incidents/{id}/hold` */
export const holdRequest = z.strictObject({ reason: sentenceUpTo(textLimits.reason) });

const keyed = { idempotencyKey: z.optional(key) };

/** `POST /api/v1/incidents/{id}/commands`. `expects` is the value that the sender saw before. */
export const commandRequest = z.discriminatedUnion('type', [
	z.strictObject({
		type: z.literal('rename'),
		title,
		expects: z.optional(z.string()),
		...keyed,
	}),
	z.strictObject({
		type: z.literal('setSeverity'),
		severity: z.nullable(z.enum(severities)),
		expects: z.optional(z.nullable(z.enum(severities))),
		...keyed,
	}),
	z.strictObject({
		type: z.literal('setServices'),
		services,
		expects: z.optional(z.array(z.string())),
		...keyed,
	}),
	z.strictObject({
		type: z.literal('setStatus'),
		status: z.enum(statuses),
		expects: z.optional(z.enum(statuses)),
		...keyed,
	}),
	z.strictObject({
		type: z.literal('takeRole'),
		role: z.enum(roles),
		expects: z.optional(z.nullable(personId)),
		...keyed,
	}),
	z.strictObject({
		type: z.literal('assignRole'),
		role: z.enum(roles),
		person: personId,
		expects: z.optional(z.nullable(personId)),
		...keyed,
	}),
	z.strictObject({
		type: z.literal('releaseRole'),
		role: z.enum(roles),
		expects: z.optional(z.nullable(personId)),
		...keyed,
	}),
	z.strictObject({
		type: z.literal('setMilestone'),
		milestone: z.enum(milestones),
		at: z.nullable(instant),
		expects: z.optional(z.nullable(instant)),
		...keyed,
	}),
	z.strictObject({
		type: z.literal('link'),
		url: z
			.string()
			.check(
				z.maxLength(textLimits.url),
				z.regex(/^(https?:\/\/|mailto:)\S+$/i, 'A link starts with https://, http:// or mailto:.'),
				z.refine(isPlainText, 'This holds characters that cannot be stored.'),
			),
		title: z.optional(title),
		...keyed,
	}),
	z.strictObject({ type: z.literal('close'), ...keyed }),
	z.strictObject({ type: z.literal('reopen'), ...keyed }),
]);
export type CommandRequest = z.infer<typeof commandRequest>;

/** A command as `decide` takes it: the request without its idempotency key. */
export type Command = CommandRequest extends infer R
	? R extends unknown
		? Omit<R, 'idempotencyKey'>
		: never
	: never;

/** Somebody in a room, once per connection. `place` is what they are in: 'impact', 'notes', 'entry:…'. */
export interface Present {
	readonly person: PersonId;
	readonly name: string;
	readonly conn: string;
	readonly place: string | null;
	/** Epoch ms. */
	readonly since: number;
	readonly idle: boolean;
}

/** A document that grows towards its limit, or has reached it and takes deletions only. */
export type DocumentSize = 'large' | 'full';

/** socket.io `present`: everybody in a room. */
export interface PresentMessage {
	readonly incident: IncidentId;
	readonly people: readonly Present[];
	/** Whether everybody is in the list; false while other servers' people cannot be seen. */
	readonly isWhole: boolean;
	/** Since when the room's turns cannot be committed (epoch ms), or null. */
	readonly unsavedSince: number | null;
	/** What people should know of the document's size, or null. */
	readonly size: DocumentSize | null;
}

/** One incident on the board: `GET /api/v1/incidents` → `{incidents: BoardRow[]}`. */
export interface BoardRow {
	readonly id: IncidentId;
	readonly number: number;
	readonly title: string;
	readonly kind: Kind;
	readonly severity: Severity | null;
	readonly status: Status;
	/** ISO 8601 UTC. */
	readonly declaredAt: string;
	readonly impact: string;
	readonly commander: { readonly id: PersonId; readonly name: string } | null;
	/** Roles of the room's header that nobody holds. */
	readonly emptyRoles: readonly Role[];
	/** How many people are in the room now. */
	readonly people: number;
}
