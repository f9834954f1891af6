import { createRoute, z } from '@hono/zod-openapi';
import { Refusal } from '#core/refusal.ts';
import { holdRequest } from '#core/wire.ts';
import { endHold, putHold, readHold } from '#server/storage/keeping.ts';
import { patiently } from '#server/storage/away.ts';
import { readBody } from '../body.ts';
import { describedBody, json } from '../openapi.ts';
import { newRouter, type ApiRouter } from '../router.ts';
import { signedIn } from '../who.ts';
import { incidentFor, incidentParams, type IncidentParts } from './incident.ts';
import { isoOf, named } from './reading.ts';

const hold = z.object({
	hold: z
		.object({
			by: z.object({ id: z.uuid(), name: z.string() }),
			reason: z.string(),
			at: z.iso.datetime(),
		})
		.nullable(),
});

const path = '/incidents/{id}/hold' as const;
const request = { params: incidentParams };
const responses = { 200: { description: 'What keeps it now, if anything', content: json(hold) } };

const show = createRoute({
	...{ method: 'get', path, request, responses },
	summary: 'Whether something keeps an incident, however old it is',
});

const put = createRoute({
	...{ method: 'post', path, responses },
	summary: 'Keep an incident, however old it is',
	description:
		'Until somebody ends that, retention (`MUSTER_RETENTION`) does not touch it. Admins only.',
	request: { params: incidentParams, body: describedBody(holdRequest) },
});

const end = createRoute({
	...{ method: 'delete', path, request, responses },
	summary: 'Do not keep it for that reason any more',
});

/** `/incidents/{id}/hold`: what prevents that an old incident is deleted. */
export function holdRoutes(parts: IncidentParts): ApiRouter {
	const { sql } = parts.db;
	const answer = async (id: Parameters<typeof readHold>[1]) => {
		await patiently(() => parts.known.of(id));
		const held = await patiently(() => readHold(sql, id));
		if (!held) return { hold: null };
		const by = named(held.by, parts.people.nameOf);
		return { hold: { by, reason: held.reason, at: isoOf(held.at) } };
	};
	return newRouter()
		.openapi(show, async (c) => c.json(await answer(await incidentFor(c, parts, 'read')), 200))
		.openapi(put, async (c) => {
			const { reason } = await readBody(c, holdRequest);
			const id = await incidentFor(c, parts, 'administer');
			const isThere = await patiently(() => putHold(sql, id, { by: signedIn(c).id, reason }));
			if (!isThere) throw new Refusal('unknown', 'There is no such incident.');
			return c.json(await answer(id), 200);
		})
		.openapi(end, async (c) => {
			const id = await incidentFor(c, parts, 'administer');
			await patiently(() => endHold(sql, id));
			return c.json(await answer(id), 200);
		});
}
