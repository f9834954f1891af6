import * as z from 'zod/mini';
import { isUuid, type IncidentId } from '#core/ids.ts';
import { Refusal } from '#core/refusal.ts';
import type { BoardRow, PresentMessage } from '#core/wire.ts';

/** What the server says. */
export interface ServerEvents {
	present: (message: PresentMessage) => void;
	boardChanged: (message: { rows: readonly BoardRow[] }) => void;
}

/** What nodes say to each other. */
export interface NodeEvents {
	boardTouched: (incident: IncidentId) => void;
}

const incident = z.pipe(
	z.string().check(z.refine(isUuid)),
	z.transform((text) => text as IncidentId),
);

/** Part of the room, perhaps with an id: `impact`, `entry:01KAV…`. */
const place = z.string().check(z.regex(/^[A-Za-z]{1,20}(:[0-9A-Za-z-]{1,40})?$/));

const schemas = {
	/** I am in this room now, and in no other. */
	enter: z.strictObject({ incident }),
	/** I am in this part of it; idle is what my screen says. */
	where: z.strictObject({ place: z.nullable(place), idle: z.optional(z.boolean()) }),
	/** Tell me what changes on the board. */
	board: z.undefined(),
} as const;

type Schemas = typeof schemas;

/** An event of a client's that is well-formed. */
export type ClientEvent = {
	[Name in keyof Schemas]: { readonly name: Name; readonly message: z.infer<Schemas[Name]> };
}[keyof Schemas];

/** Reads what a client sent: a name and at most one message. Throws a `Refusal` for anything else. */
export function readEvent([name, ...messages]: readonly unknown[]): ClientEvent {
	if (typeof name !== 'string' || !Object.hasOwn(schemas, name)) {
		throw new Refusal('unknown', 'There is no such event.');
	}
	const known = name as keyof Schemas;
	const read = schemas[known].safeParse(messages[0]);
	if (messages.length > 1 || !read.success) {
		throw new Refusal('invalid', `This is no message for “${known}”.`);
	}
	return { name: known, message: read.data } as ClientEvent;
}

/** The answer to an event, for those who asked for one. */
export type Acknowledge = (answer: { error?: { code: string; message: string } }) => void;

/** Parts an event's arguments: socket.io puts the function that answers last, if the client wants an answer. */
export function splitAcknowledge(args: readonly unknown[]): {
	readonly event: readonly unknown[];
	readonly acknowledge: Acknowledge | null;
} {
	const last = args.at(-1);
	if (typeof last !== 'function') return { event: args, acknowledge: null };
	return { event: args.slice(0, -1), acknowledge: last as Acknowledge };
}
