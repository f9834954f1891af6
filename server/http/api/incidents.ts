import { setTimeout as pause } from 'node:timers/promises';
import { createRoute, z } from '@hono/zod-openapi';
import { roomDocumentOf, type IncidentId } from '#core/ids.ts';
import { foldRecord } from '#core/incident/fold.ts';
import { kinds, origins, severities, statuses } from '#core/incident/lifecycle.ts';
import { quarantineSentence } from '#core/incident/quarantine.ts';
import { readIncident } from '#core/incident/reading.ts';
import { readFacts } from '#core/incident/record.ts';
import { roles } from '#core/incident/roles.ts';
import { serviceLimits } from '#core/incident/services.ts';
import { may, type Person } from '#core/response/access.ts';
import { declareRequest, isPlainText, type DeclareRequest } from '#core/wire.ts';
import { boardRows } from '#server/incidents/board.ts';
import type { Created } from '#server/incidents/create.ts';
import { declareIncident } from '#server/incidents/declare.ts';
import { limits } from '#server/limits.ts';
import { patiently } from '#server/storage/away.ts';
import { readBoard } from '#server/storage/projection.ts';
import { readBody } from '../body.ts';
import { describedBody, json } from '../openapi.ts';
import { newRouter, type ApiRouter } from '../router.ts';
import { allowed, signedIn } from '../who.ts';
import { incidentFor, incidentParams, type IncidentParts } from './incident.ts';
import { importedFrom, originOf } from './provenance.ts';
import { describeIncident, incident, instantField, isoOf, namedField } from './reading.ts';

const summary = {
	id: z.uuid(),
	number: z.int(),
	title: z.string(),
	kind: z.enum(kinds),
	severity: z.enum(severities).nullable(),
	status: z.enum(statuses),
	declaredAt: instantField,
};
const row = z
	.object({
		...summary,
		impact: z.string(),
		commander: namedField.nullable(),
		emptyRoles: z.array(z.enum(roles)).readonly(),
		people: z.int(),
	})
	.openapi('BoardRow');
const declared = z.object({ ...summary, origin: z.enum(origins) }).openapi('Declared');
const mostRows = limits.boardRows;

const list = createRoute({
	method: 'get',
	path: '/incidents',
	summary: 'Incidents, the newest first',
	request: {
		query: z.strictObject({
			state: z.enum(['open', 'recent', 'all']).default('all'),
			/** Only those that concern it, by its name. */
			service: z.string().min(1).max(serviceLimits.name).refine(isPlainText).optional(),
			limit: z.coerce
				.number()
				.int()
				.default(mostRows)
				.transform((limit) => Math.min(Math.max(limit, 1), mostRows)),
		}),
	},
	responses: {
		200: {
			description: 'As the board shows them',
			content: json(z.object({ incidents: z.array(row) })),
		},
	},
});

/** The reading; as of when that is, if it could not be opened whole; and where it was imported from. */
const wholeIncident = incident
	.extend({ shownAsOf: instantField.nullable(), importedFrom: importedFrom.nullable() })
	.openapi('Incident');
const declaredContent = json(declared);

const declare = createRoute({
	method: 'post',
	path: '/incidents',
	summary: 'Declare an incident',
	request: { body: describedBody(declareRequest) },
	responses: {
		201: { description: 'Declared', content: declaredContent },
		200: { description: 'Declared by an earlier request with this key', content: declaredContent },
	},
});

const read = createRoute({
	method: 'get',
	path: '/incidents/{id}',
	summary: 'The whole incident',
	request: { params: incidentParams },
	responses: {
		200: {
			description: 'The reading: entries and facts in one timeline, notes as Markdown',
			content: json(wholeIncident),
		},
	},
});

const access = createRoute({
	method: 'get',
	path: '/incidents/{id}/access',
	summary: 'What I may do with an incident, and why not more',
	request: { params: incidentParams },
	responses: {
		200: {
			description: 'What I may do',
			content: json(
				z.object({
					read: z.boolean(),
					edit: z.boolean(),
					reason: z.string().nullable(),
					/** As of when it is shown, if it could not be opened whole. */
					shownAsOf: instantField.nullable(),
				}),
			),
		},
	},
});

/** `/incidents`: the board, declaring, and reading one. */
export function incidentRoutes(parts: IncidentParts): ApiRouter {
	const { db, rooms, people, counts, known } = parts;
	const { nameOf } = people;
	const creating = { db, id: parts.id, nameOf, notice: parts.notice };
	return newRouter()
		.openapi(list, async (c) => {
			allowed(c, 'read');
			const incidents = await patiently(() => readBoard(db.sql, c.req.valid('query')));
			return c.json({ incidents: await boardRows(incidents, { nameOf, counts }) }, 200);
		})
		.openapi(declare, async (c) => {
			const request = await readBody(c, declareRequest);
			const created = await declareIncident(creating, allowed(c, 'declare'), request);
			await inLists(created.id, parts);
			c.header('Location', `/api/v1/incidents/${created.id}`);
			return c.json(describeDeclared(created, request), created.isRepeat ? 200 : 201);
		})
		.openapi(read, async (c) => {
			const id = await incidentFor(c, parts, 'read');
			const { number, importedFrom, names } = await patiently(() => originOf(known, id, nameOf));
			const [reading, quarantine] = await patiently(() =>
				Promise.all([
					rooms.read(roomDocumentOf(id), (doc) => readIncident(doc, names)),
					rooms.quarantineOf(roomDocumentOf(id)),
				]),
			);
			const shownAsOf = isoOf(quarantine?.asOf ?? null);
			const described = describeIncident({ id, number }, reading, names);
			return c.json({ ...described, shownAsOf, importedFrom }, 200);
		})
		.openapi(access, async (c) => {
			const id = await incidentFor(c, parts, 'read');
			const [facts, quarantine] = await patiently(() =>
				Promise.all([
					rooms.read(roomDocumentOf(id), readFacts),
					rooms.quarantineOf(roomDocumentOf(id)),
				]),
			);
			return c.json(describeAccess(signedIn(c), foldRecord(facts), quarantine), 200);
		});
}

/** Who declares an incident finds it on the board; but if lists are late, that is no reason to wait long. */
export async function inLists(
	id: IncidentId,
	{ listed }: Pick<IncidentParts, 'listed'>,
): Promise<void> {
	const late = pause(limits.listedMs, null, { ref: false });
	await Promise.race([
		late,
		listed(id).catch(() => null /* whoever derives lists has logged it */),
	]);
}

function describeDeclared(
	{ id, number, declaredAt }: Created,
	{ title, kind = 'incident', severity = null, origin = 'live' }: DeclareRequest,
): z.infer<typeof declared> {
	const status = 'investigating';
	return { id, number, title, kind, severity, status, origin, declaredAt: isoOf(declaredAt) };
}

function describeAccess(
	person: Person,
	incident: { readonly isSealed: boolean },
	quarantine: { readonly asOf: number } | null,
): { read: boolean; edit: boolean; reason: string | null; shownAsOf: string | null } {
	if (quarantine) {
		const { asOf } = quarantine;
		return { read: true, edit: false, reason: quarantineSentence(asOf), shownAsOf: isoOf(asOf) };
	}
	const edit = may(person, 'edit', incident);
	const reason = may(person, 'edit', null)
		? 'This incident is closed. Reopen it to change it.'
		: 'You are a viewer here: you may read this incident, but not change it.';
	return { read: true, edit, reason: edit ? null : reason, shownAsOf: null };
}
