import { createRoute, z } from '@hono/zod-openapi';
import { isUuid, type IncidentId, type PersonId } from '#core/ids.ts';
import type { NameOf } from '#core/incident/reading.ts';
import { actionKinds, actionStates, isOverdue } from '#core/learning/actions.ts';
import { actionChange, actionRequest, type ActionAnswer } from '#core/learning/actionsWire.ts';
import { Refusal } from '#core/refusal.ts';
import { dayOf } from '#core/time.ts';
import { addAction, changeAction, ownerOf, readOne } from '#server/learning/actions.ts';
import { limits } from '#server/limits.ts';
import { patiently } from '#server/storage/away.ts';
import { readActions, type Action, type ActionFilter } from '#server/storage/actions.ts';
import { readBody } from '../body.ts';
import { describedBody, json } from '../openapi.ts';
import { newRouter, type ApiRouter } from '../router.ts';
import { allowed, signedIn } from '../who.ts';
import { cutAt, hasMoreField } from './cut.ts';
import {
	afterwards,
	incidentFor,
	incidentNamed,
	incidentParams,
	type IncidentParts,
} from './incident.ts';
import { instantField, isoOf, named, namedField } from './reading.ts';

/** An incident as lists name it. */
export const namedIncidentField = z
	.object({ id: z.uuid(), number: z.int(), title: z.string() })
	.openapi('NamedIncident');

/** An action item, as every list shows it. */
export const actionField = z
	.object({
		id: z.uuid(),
		incident: namedIncidentField,
		title: z.string(),
		kind: z.enum(actionKinds),
		owner: namedField.nullable(),
		/** Who had it until they left. */
		formerOwner: namedField.nullable(),
		dueOn: z.iso.date().nullable(),
		/** Whether its due day is over, in UTC. */
		isOverdue: z.boolean(),
		state: z.enum(actionStates),
		link: z.string().nullable(),
		takenFrom: z.string().nullable(),
		version: z.int(),
		madeBy: namedField,
		madeAt: instantField,
		changedBy: namedField,
		changedAt: instantField,
		endedBy: namedField.nullable(),
		endedAt: instantField.nullable(),
	})
	.openapi('Action');
const list = json(z.object({ actions: z.array(actionField), hasMore: hasMoreField }));
const one = json(actionField);
const actionParams = z.object({ id: z.string() });

const ofIncident = createRoute({
	method: 'get',
	path: '/incidents/{id}/actions',
	summary: 'The action items of an incident',
	request: { params: incidentParams },
	responses: { 200: { description: 'What is due first comes first', content: list } },
});

const add = createRoute({
	method: 'post',
	path: '/incidents/{id}/actions',
	summary: 'Add an action item',
	request: { params: incidentParams, body: describedBody(actionRequest) },
	responses: {
		201: { description: 'Added', content: one },
		200: { description: 'Added by an earlier request with this key', content: one },
	},
});

/** Calendars begin with the year 1, the store’s too. */
const dueInstant = instantField.refine((text) => text >= '0001', 'There is no such instant.');

const across = createRoute({
	method: 'get',
	path: '/actions',
	summary: 'Action items of all incidents',
	request: {
		query: z.strictObject({
			state: z.enum([...actionStates, 'all']).default('open'),
			owner: z.string().max(100).optional().openapi({
				description: 'The id of a person, `me`, or `nobody`: then also those whose owner has left',
			}),
			incident: z.string().max(100).optional(),
			overdue: z.enum(['true']).optional(),
			dueFrom: dueInstant
				.optional()
				.openapi({ description: 'Due on a day that begins then or later' }),
			dueTo: dueInstant.optional().openapi({ description: 'Due on a day that begins before' }),
		}),
	},
	responses: { 200: { description: 'What is due first comes first', content: list } },
});

const change = createRoute({
	method: 'patch',
	path: '/actions/{id}',
	summary: 'Change an action item',
	description: 'With `expects`, the version that was seen, it is refused if somebody was faster.',
	request: { params: actionParams, body: describedBody(actionChange) },
	responses: { 200: { description: 'As it is now', content: one } },
});

const drop = createRoute({
	method: 'delete',
	path: '/actions/{id}',
	summary: 'Drop an action item; it is kept for the record',
	request: { params: actionParams },
	responses: { 200: { description: 'As it is now', content: one } },
});

/** `/actions` and `/incidents/{id}/actions`: what is to be done after incidents. */
export function actionRoutes(parts: IncidentParts): ApiRouter {
	const { db, people, known, now } = parts;
	const { nameOf } = people;
	const acting = { sql: db.sql, nameOf };
	const describe = (action: Action) => describeAction(action, { nameOf, now: now() });
	const read = async (filter: ActionFilter) => {
		const { rows, hasMore } = await patiently(() =>
			cutAt(limits.actionsListed, (most) => readActions(db.sql, filter, most)),
		);
		return { actions: rows.map(describe), hasMore };
	};
	return newRouter()
		.openapi(ofIncident, async (c) => {
			const incident = await incidentFor(c, parts, 'read');
			await patiently(() => known.of(incident));
			return c.json(await read({ incidents: [incident] }), 200);
		})
		.openapi(add, async (c) => {
			const request = await readBody(c, actionRequest);
			const incident = await incidentFor(c, parts, 'learn');
			await patiently(() => known.of(incident));
			const added = await addAction(acting, signedIn(c), { incident, request });
			const action = await afterwards(() => readOne(db.sql, added.id));
			return c.json(describe(action), added.isRepeat ? 200 : 201);
		})
		.openapi(across, async (c) => {
			const me = allowed(c, 'read');
			const { state, owner, incident, overdue, dueFrom, dueTo } = c.req.valid('query');
			const of = incident === undefined ? null : await incidentNamed(parts, incident);
			return c.json(
				await read({
					...(state !== 'all' && { state }),
					...(owner !== undefined && { owner: whose(owner, me.id) }),
					...(of && { incidents: [of] }),
					...(overdue && { overdueOn: dayOf(now()) }),
					...(dueFrom !== undefined && { dueFrom }),
					...(dueTo !== undefined && { dueTo }),
				}),
				200,
			);
		})
		.openapi(change, async (c) => {
			const wanted = await readBody(c, actionChange);
			const by = allowed(c, 'learn');
			const { id } = await patiently(() => readOne(db.sql, uuidOf(c.req.valid('param').id)));
			return c.json(describe(await changeAction(acting, by, { id, change: wanted })), 200);
		})
		.openapi(drop, async (c) => {
			const by = allowed(c, 'learn');
			const { id } = await patiently(() => readOne(db.sql, uuidOf(c.req.valid('param').id)));
			const dropped = { state: 'dropped' } as const;
			return c.json(describe(await changeAction(acting, by, { id, change: dropped })), 200);
		});
}

function uuidOf(id: string): string {
	if (!isUuid(id)) throw new Refusal('unknown', 'There is no such action.');
	return id;
}

function whose(owner: string, me: PersonId): PersonId | 'nobody' {
	if (owner === 'me') return me;
	if (owner === 'nobody' || isUuid(owner)) return owner as PersonId | 'nobody';
	throw new Refusal('invalid', 'This is not the id of a person, “me” or “nobody”.', 'owner');
}

/** An action as the API answers it. */
export function describeAction(
	action: Action,
	{ nameOf, now }: { readonly nameOf: NameOf; readonly now: number },
): ActionAnswer {
	const { id, title, kind, dueOn, state, link, takenFrom, version } = action;
	const { owner, hasOwnerLeft, madeBy, changedBy, endedBy } = action;
	const nullable = (person: PersonId | null) => person && named(person, nameOf);
	return {
		...{ id, title, kind, dueOn, state, link, takenFrom, version },
		incident: namedIncident(action),
		owner: nullable(ownerOf(action)),
		formerOwner: hasOwnerLeft ? nullable(owner) : null,
		isOverdue: isOverdue(action, now),
		madeBy: named(madeBy, nameOf),
		madeAt: isoOf(action.madeAt),
		changedBy: named(changedBy, nameOf),
		changedAt: isoOf(action.changedAt),
		endedBy: nullable(endedBy),
		endedAt: isoOf(action.endedAt),
	};
}

/** An incident as lists name it. */
export function namedIncident(row: {
	readonly incident: IncidentId;
	readonly incidentNumber: number;
	readonly incidentTitle: string;
}): z.infer<typeof namedIncidentField> & { readonly id: IncidentId } {
	return { id: row.incident, number: row.incidentNumber, title: row.incidentTitle };
}
