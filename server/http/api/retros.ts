import { createRoute, z } from '@hono/zod-openapi';
import { retroDocumentOf, roomDocumentOf, type IncidentId, type PersonId } from '#core/ids.ts';
import { readIncident } from '#core/incident/reading.ts';
import { Refusal } from '#core/refusal.ts';
import { may } from '#core/response/access.ts';
import { beginRetroRequest, retroCommandRequest } from '#core/retro/commands.ts';
import { readRetro } from '#core/retro/reading.ts';
import { refuseUnable } from '#server/auth/refuseUnable.ts';
import { askerOf } from '#server/incidents/asker.ts';
import { beginRetro } from '#server/incidents/beginRetro.ts';
import { readLooseActions } from '#server/storage/actions.ts';
import { insist, patiently } from '#server/storage/away.ts';
import type { Rooms } from '#server/sync/rooms.ts';
import { readBody } from '../body.ts';
import { describedBody, json } from '../openapi.ts';
import { newRouter, type ApiRouter } from '../router.ts';
import { signedIn } from '../who.ts';
import { incidentFor, incidentParams, type IncidentParts } from './incident.ts';
import { pastRetroRoutes, type PastRetroParts } from './pastRetros.ts';
import { describeRetro, retro } from './retroReading.ts';
import { retroTemplateRoutes } from './retroTemplate.ts';

const answer = retro
	.extend({
		incident: z.object({ id: z.uuid(), number: z.int(), title: z.string() }),
		mayEdit: z.boolean(),
	})
	.openapi('RetrospectiveNow');

const begin = createRoute({
	method: 'post',
	path: '/incidents/{id}/retro',
	summary: 'Begin the retrospective of an incident',
	description:
		'From *resolved* on. It begins with what is known, section by section; who begins it owns it unless ' +
		'somebody else is named, and it is due five business days after the incident was resolved. Typing in ' +
		'it is the live document’s, at `/sync/<incidentId>/retro`.',
	request: { params: incidentParams, body: describedBody(beginRetroRequest) },
	responses: {
		201: { description: 'Begun', content: json(answer) },
		200: { description: 'Somebody had begun it', content: json(answer) },
	},
});

const read = createRoute({
	method: 'get',
	path: '/incidents/{id}/retro',
	summary: 'The retrospective of an incident as it is now',
	request: { params: incidentParams },
	responses: { 200: { description: 'The reading', content: json(answer) } },
});

const command = createRoute({
	method: 'post',
	path: '/incidents/{id}/retro/commands',
	summary: 'Change where a retrospective stands, or comment on it',
	request: { params: incidentParams, body: describedBody(retroCommandRequest) },
	responses: { 200: { description: 'As it is after that', content: json(answer) } },
});

export interface RetroRouteParts extends IncidentParts {
	readonly rooms: IncidentParts['rooms'] & Pick<Rooms, 'retro'>;
	/** Resolves once the published versions of a retrospective are kept. */
	readonly published: (incident: IncidentId) => Promise<unknown>;
}

/** All that there is of retrospectives: as they are now, as they were, and what new ones begin with. */
export function retroRoutes(parts: RetroRouteParts & PastRetroParts): readonly ApiRouter[] {
	return [presentRetroRoutes(parts), pastRetroRoutes(parts), retroTemplateRoutes(parts)];
}

/** `/incidents/{id}/retro`: begun, read and decided about. */
function presentRetroRoutes(parts: RetroRouteParts): ApiRouter {
	return newRouter()
		.openapi(begin, async (c) => {
			const request = await readBody(c, beginRetroRequest);
			const id = await incidentFor(c, parts, 'command');
			await refuseReaders(parts, [request.owner], 'owner');
			const asker = askerOf(signedIn(c), 'beginRetro', request);
			const isNew = await beginRetro({ ...parts, nameOf: parts.people.nameOf }, id, {
				...{ asker, request },
			});
			return c.json(await describe(parts, id, signedIn(c)), isNew ? 201 : 200);
		})
		.openapi(read, async (c) => {
			const id = await incidentFor(c, parts, 'read');
			return c.json(await describe(parts, id, signedIn(c)), 200);
		})
		.openapi(command, async (c) => {
			const { idempotencyKey, ...wish } = await readBody(c, retroCommandRequest);
			const id = await incidentFor(c, parts, 'command');
			if (wish.type === 'submit') await refuseUnowned(parts, id);
			if (wish.type === 'setOwner') await refuseReaders(parts, [wish.person], 'person');
			if (wish.type === 'setReviewers') await refuseNewReviewers(parts, id, wish.people);
			const asker = askerOf(signedIn(c), 'retro', { ...wish, idempotencyKey });
			await insist(() => parts.rooms.retro(id, asker, wish));
			if (wish.type === 'publish') await parts.published(id);
			return c.json(await describe(parts, id, signedIn(c)), 200);
		});
}

async function describe(
	{ rooms, known }: RetroRouteParts,
	id: IncidentId,
	person: ReturnType<typeof signedIn>,
): Promise<z.infer<typeof answer>> {
	const [nameOf, { number }] = await patiently(() =>
		Promise.all([known.namesIn(id), known.of(id)]),
	);
	const [reading, title] = await patiently(() =>
		Promise.all([
			rooms.read(retroDocumentOf(id), readRetro),
			rooms.read(roomDocumentOf(id), (doc) => readIncident(doc, nameOf).title),
		]),
	);
	const mayEdit = may(person, 'edit', { isSealed: reading.stage === 'published' });
	return { ...describeRetro(reading, nameOf), incident: { id, number, title }, mayEdit };
}

/**
 * Actions that nobody will do, or at no time, are no result of a review. One that is added in this very moment
 * is as one that is added during the review, which nobody is kept from: reviewers see it in the text.
 */
async function refuseUnowned({ db }: RetroRouteParts, id: IncidentId): Promise<void> {
	const { count, title } = await patiently(() => readLooseActions(db.sql, id));
	if (count === 0) return;
	const others = count > 1 ? `, and ${count - 1} more` : '';
	throw new Refusal(
		'conflict',
		`Each action needs an owner and a due date first: “${title}”${others}.`,
		'actions',
	);
}

/** Those who are reviewers already may stay: whoever adds one need not know who has left. */
async function refuseNewReviewers(
	parts: RetroRouteParts,
	id: IncidentId,
	people: readonly PersonId[],
): Promise<void> {
	const { reviewers } = await patiently(() => parts.rooms.read(retroDocumentOf(id), readRetro));
	const added = people.filter((person) => !reviewers.includes(person));
	await refuseReaders(parts, added, 'people');
}

/** Who may only read could neither write a retrospective nor approve it. */
async function refuseReaders(
	{ db }: RetroRouteParts,
	asked: readonly (PersonId | null | undefined)[],
	field: string,
): Promise<void> {
	for (const person of asked) {
		await patiently(() => refuseUnable(db.sql, person, { field, needs: 'command' }));
	}
}
