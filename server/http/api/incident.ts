import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { isIncidentId, roomDocumentOf, type IncidentId, type PersonId } from '#core/ids.ts';
import type { NameOf } from '#core/incident/reading.ts';
import { Refusal } from '#core/refusal.ts';
import { may, type Action, type Person } from '#core/response/access.ts';
import type { BoardParts } from '#server/incidents/board.ts';
import type { KnownIncidents } from '#server/incidents/known.ts';
import { patiently } from '#server/storage/away.ts';
import type { Database } from '#server/storage/database.ts';
import { findIncident } from '#server/storage/incidents.ts';
import type { Rooms } from '#server/sync/rooms.ts';
import type { TurnNotice } from '#server/sync/notice.ts';
import type { ApiEnv } from '../env.ts';
import { signedIn } from '../who.ts';

/** What the routes of incidents stand on. */
export interface IncidentParts {
	readonly db: Database;
	readonly rooms: Pick<Rooms, 'read' | 'command' | 'log' | 'quarantineOf'>;
	readonly people: {
		readonly nameOf: NameOf;
		find(person: PersonId): Promise<Person | null>;
	};
	/** What incidents are called here, where they come from, and who is called how in them. */
	readonly known: Pick<KnownIncidents, 'of' | 'namesIn'>;
	/** A fresh ULID. */
	readonly id: () => string;
	/** Epoch ms. */
	readonly now: () => number;
	/** How many people are in each of some incidents' rooms now. */
	readonly counts: BoardParts['counts'];
	/** Hears of the first turn of an incident that was declared here. */
	readonly notice: (turn: TurnNotice) => void;
	/** Resolves once lists show what is committed of an incident. */
	readonly listed: (incident: IncidentId) => Promise<unknown>;
}

/** `{id}` of the path: an incident's id or its number. */
export const incidentParams = z.object({
	id: z.string().openapi({ description: 'The incident’s id, or its number' }),
});

const greatestNumber = 2 ** 31 - 1;

/**
 * The incident that the path names, for somebody who may do this with it. Throws a `Refusal`: what
 * does not exist and what is not for this person's eyes read the same.
 */
export async function incidentFor(
	c: Context<ApiEnv>,
	parts: IncidentParts,
	action: Action,
): Promise<IncidentId> {
	const person = signedIn(c);
	const incident = await find(parts, c.req.param('id') ?? '');
	if (!incident || !may(person, 'read', null)) {
		throw new Refusal('unknown', 'There is no such incident.');
	}
	if (may(person, action, null)) return incident;
	await patiently(() => parts.rooms.read(roomDocumentOf(incident), () => null));
	throw new Refusal('forbidden', 'You may read this incident, but not change it.');
}

/** The incident that a part of a request names by its id or number. Throws a `Refusal`. */
export async function incidentNamed(parts: IncidentParts, text: string): Promise<IncidentId> {
	const incident = await find(parts, text);
	if (!incident) throw new Refusal('unknown', 'There is no such incident.');
	await patiently(() => parts.known.of(incident));
	return incident;
}

async function find({ db }: IncidentParts, text: string): Promise<IncidentId | null> {
	if (isIncidentId(text)) return text;
	const number = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : Infinity;
	if (number > greatestNumber) return null;
	return patiently(() => findIncident(db.sql, number));
}

/**
 * Reads what was just written for somebody. When even that fails it cannot be said any more that
 * nothing was written; a repetition with the same key tells.
 */
export async function afterwards<T>(read: () => Promise<T>): Promise<T> {
	try {
		return await patiently(read);
	} catch (cause) {
		const refusal = new Refusal(
			'unclear',
			'This is written, but cannot be read right now. Repeat it with the same key to see it.',
		);
		refusal.cause = cause;
		throw refusal;
	}
}
