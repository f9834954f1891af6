import { createRoute, z } from '@hono/zod-openapi';
import type { Auth } from '#server/auth/auth.ts';
import { checkedBody, json } from '../openapi.ts';
import { newRouter, type ApiRouter } from '../router.ts';
import { strangerOf, welcome, whoContent } from './entrance.ts';
import { accountFields, linkToken } from './fields.ts';

const state = createRoute({
	method: 'get',
	path: '/setup/state',
	summary: 'Whether Muster has no admin yet',
	responses: {
		200: {
			description: 'Whether the first run is still to be done',
			content: json(z.object({ needed: z.boolean() })),
		},
	},
});

const setUp = createRoute({
	method: 'post',
	path: '/setup',
	summary: 'Become the first admin',
	description: 'With the token of the one-time link that the server’s log shows.',
	request: {
		body: checkedBody(
			z.strictObject({
				// Without one it is refused like a wrong one.
				token: linkToken.default(''),
				...accountFields,
			}),
		),
	},
	responses: { 201: { description: 'The first admin, signed in', content: whoContent } },
});

/** `/setup`: the first run, once. */
export function setupRoutes({
	auth,
}: {
	readonly auth: Pick<Auth, 'firstRun' | 'isSetUp'>;
}): ApiRouter {
	return newRouter()
		.openapi(state, (c) => c.json({ needed: !auth.isSetUp() }, 200))
		.openapi(setUp, async (c) => {
			const { token, ...account } = c.req.valid('json');
			const entered = await auth.firstRun.setUp(token, account, strangerOf(c));
			return c.json(welcome(c, entered), 201);
		});
}
