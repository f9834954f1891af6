import { createRoute, z } from '@hono/zod-openapi';
import type { Auth } from '#server/auth/auth.ts';
import { checkedBody, json } from '../openapi.ts';
import { newRouter, type ApiRouter } from '../router.ts';
import { allowed } from '../who.ts';
import { strangerOf, welcome, whoContent } from './entrance.ts';
import { accessField, accountFields, emailField, linkToken, nameField } from './fields.ts';

const path = '/invitations/{token}';
const params = z.object({ token: linkToken });

const invite = createRoute({
	method: 'post',
	path: '/invitations',
	summary: 'Invite somebody',
	request: {
		body: checkedBody(
			z.strictObject({
				access: accessField,
				name: nameField.optional(),
				email: emailField.optional(),
			}),
		),
	},
	responses: {
		201: {
			description: 'The link: it works once, for seven days',
			content: json(z.object({ url: z.url() })),
		},
	},
});

const look = createRoute({
	method: 'get',
	path,
	summary: 'What an invitation offers',
	request: { params },
	responses: {
		200: {
			description: 'An open invitation',
			content: json(
				z.object({
					access: accessField,
					name: z.string().nullable(),
					email: z.string().nullable(),
				}),
			),
		},
	},
});

const join = createRoute({
	method: 'post',
	path,
	summary: 'Take an invitation',
	request: { params, body: checkedBody(z.strictObject(accountFields)) },
	responses: { 201: { description: 'The new person, signed in', content: whoContent } },
});

/** `/invitations`: an admin makes a link, somebody takes it. */
export function invitationRoutes({
	auth,
}: {
	readonly auth: Pick<Auth, 'invitations'>;
}): ApiRouter {
	return newRouter()
		.openapi(invite, async (c) => {
			const admin = allowed(c, 'administer');
			const { access, name = null, email = null } = c.req.valid('json');
			const url = await auth.invitations.invite(admin, { access, name, email });
			return c.json({ url }, 201);
		})
		.openapi(look, async (c) =>
			c.json(await auth.invitations.look(c.req.valid('param').token), 200),
		)
		.openapi(join, async (c) => {
			const { token } = c.req.valid('param');
			const entered = await auth.invitations.join(token, c.req.valid('json'), strangerOf(c));
			return c.json(welcome(c, entered), 201);
		});
}
