import { createRoute, z } from '@hono/zod-openapi';
import { serviceLimits } from '#core/incident/services.ts';
import { isPlainText, serviceRequest } from '#core/wire.ts';
import { patiently } from '#server/storage/away.ts';
import { dropService, putService, readServices } from '#server/storage/services.ts';
import { readBody } from '../body.ts';
import { describedBody, json } from '../openapi.ts';
import { newRouter, type ApiRouter } from '../router.ts';
import { allowed } from '../who.ts';
import type { IncidentParts } from './incident.ts';

const service = z
	.object({
		name: z.string(),
		team: z.string().nullable(),
		/** How many incidents concern it; null with `incidents=without`. */
		incidents: z.int().nullable(),
		/** Whether it is on the list also while no incident concerns it. */
		isKept: z.boolean(),
	})
	.openapi('Service');

const path = '/services' as const;
const responses = {
	200: {
		description: 'All services now, by their names',
		content: json(z.object({ services: z.array(service).readonly() })),
	},
};

const list = createRoute({
	...{ method: 'get', path, responses },
	summary: 'Services that incidents concern, each with its team',
	request: {
		query: z.strictObject({ incidents: z.enum(['with', 'without']).default('with') }),
	},
});

const put = createRoute({
	...{ method: 'put', path, responses },
	summary: 'Say which team looks after a service',
	description: 'A service that no incident concerns yet is offered from now on. Admins only.',
	request: { body: describedBody(serviceRequest) },
});

const drop = createRoute({
	...{ method: 'delete', path, responses },
	summary: 'Forget the team of a service',
	description: 'Incidents that concern it still do. Admins only.',
	request: {
		query: z.strictObject({
			name: z.string().min(1).max(serviceLimits.name).refine(isPlainText),
		}),
	},
});

/** `/services`: what incidents concern, and which team looks after it. */
export function serviceRoutes({ db: { sql } }: Pick<IncidentParts, 'db'>): ApiRouter {
	const answer = async (areCounted = true) => {
		return { services: await patiently(() => readServices(sql, { areCounted })) };
	};
	return newRouter()
		.openapi(list, async (c) => {
			allowed(c, 'read');
			return c.json(await answer(c.req.valid('query').incidents === 'with'), 200);
		})
		.openapi(put, async (c) => {
			allowed(c, 'administer');
			const request = await readBody(c, serviceRequest);
			await patiently(() => putService(sql, request));
			return c.json(await answer(), 200);
		})
		.openapi(drop, async (c) => {
			allowed(c, 'administer');
			const { name } = c.req.valid('query');
			await patiently(() => dropService(sql, name));
			return c.json(await answer(), 200);
		});
}
