import { createRoute, z } from '@hono/zod-openapi';
import { isUuid, type PersonId } from '#core/ids.ts';
import { Refusal } from '#core/refusal.ts';
import type { Auth } from '#server/auth/auth.ts';
import { checkedBody, json } from '../openapi.ts';
import { newRouter, type ApiRouter } from '../router.ts';
import { allowed } from '../who.ts';
import { whoContent } from './entrance.ts';
import { accessField, person } from './fields.ts';

const list = createRoute({
	method: 'get',
	path: '/people',
	summary: 'Everybody whose name can stand in an incident',
	responses: {
		200: {
			description: 'People, tokens (those that were revoked too) and Muster itself',
			content: json(z.object({ people: z.array(person) })),
		},
	},
});

const change = createRoute({
	method: 'patch',
	path: '/people/{id}',
	summary: 'Give somebody another access',
	request: {
		params: z.object({ id: z.string() }),
		body: checkedBody(z.strictObject({ access: accessField })),
	},
	responses: { 200: { description: 'Who they are now', content: whoContent } },
});

const forget = createRoute({
	method: 'delete',
	path: '/people/{id}',
	summary: 'Forget who somebody was',
	description:
		'By id or e-mail address. Their name, address, password, sessions and tokens go; what they wrote stays, ' +
		'by “Somebody forgotten”. Names in texts are texts: those are removed one by one.',
	request: { params: z.object({ id: z.string() }) },
	responses: { 204: { description: 'Forgotten' } },
});

/** `/people`: who is here, and what they may do. */
export function peopleRoutes({
	auth,
}: {
	readonly auth: Pick<Auth, 'people' | 'forget'>;
}): ApiRouter {
	return newRouter()
		.openapi(list, (c) => {
			allowed(c, 'read');
			return c.json({ people: [...auth.people.all] }, 200);
		})
		.openapi(change, async (c) => {
			allowed(c, 'administer');
			const { id } = c.req.valid('param');
			if (!isUuid(id)) throw new Refusal('unknown', 'There is no such person.');
			const { access } = c.req.valid('json');
			return c.json({ person: await auth.people.giveAccess(id as PersonId, access) }, 200);
		})
		.openapi(forget, async (c) => {
			allowed(c, 'administer');
			await auth.forget(c.req.valid('param').id);
			return c.body(null, 204);
		});
}
