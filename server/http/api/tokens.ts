import { createRoute, z } from '@hono/zod-openapi';
import { isUuid, type PersonId } from '#core/ids.ts';
import { Refusal } from '#core/refusal.ts';
import type { Auth } from '#server/auth/auth.ts';
import { checkedBody, json } from '../openapi.ts';
import { newRouter, type ApiRouter } from '../router.ts';
import { signedIn } from '../who.ts';
import { accessField, nameField } from './fields.ts';

const known = { id: z.uuid(), name: z.string(), access: accessField };

const list = createRoute({
	method: 'get',
	path: '/tokens',
	summary: 'My API tokens; for an admin, all of them',
	responses: {
		200: {
			description: 'The newest first',
			content: json(
				z.object({ tokens: z.array(z.object({ ...known, createdAt: z.iso.datetime() })) }),
			),
		},
	},
});

const make = createRoute({
	method: 'post',
	path: '/tokens',
	summary: 'Make an API token',
	request: { body: checkedBody(z.strictObject({ name: nameField, access: accessField })) },
	responses: {
		201: {
			description: 'The token, shown this once',
			content: json(z.object({ ...known, token: z.string() })),
		},
	},
});

const revoke = createRoute({
	method: 'delete',
	path: '/tokens/{id}',
	summary: 'Revoke an API token',
	request: { params: z.object({ id: z.string() }) },
	responses: { 204: { description: 'It opens nothing any more' } },
});

/** `/tokens`: API tokens, for scripts and the command line. */
export function tokenRoutes({ auth }: { readonly auth: Pick<Auth, 'tokens'> }): ApiRouter {
	return newRouter()
		.openapi(list, async (c) => {
			const tokens = await auth.tokens.list(signedIn(c));
			const answers = tokens.map(({ createdAt, ...token }) => ({
				...token,
				createdAt: createdAt.toISOString(),
			}));
			return c.json({ tokens: answers }, 200);
		})
		.openapi(make, async (c) => {
			const { person, token } = await auth.tokens.make(signedIn(c), c.req.valid('json'));
			const { id, name, access } = person;
			return c.json({ id, name, access, token }, 201);
		})
		.openapi(revoke, async (c) => {
			const by = signedIn(c);
			const { id } = c.req.valid('param');
			if (!isUuid(id)) throw new Refusal('unknown', 'There is no such token.');
			await auth.tokens.revoke(by, id as PersonId);
			return c.body(null, 204);
		});
}
