import { createRoute, z } from '@hono/zod-openapi';
import { Refusal } from '#core/refusal.ts';
import { roundedDuration } from '#core/time.ts';
import type { Auth } from '#server/auth/auth.ts';
import { checkedBody } from '../openapi.ts';
import { newRouter, type ApiRouter } from '../router.ts';
import { signedIn } from '../who.ts';
import { strangerOf, welcome, whoContent } from './entrance.ts';
import { emailField, passwordField } from './fields.ts';

const path = '/session';

const look = createRoute({
	method: 'get',
	path,
	summary: 'Who is signed in',
	responses: { 200: { description: 'Who is signed in', content: whoContent } },
});

const begin = createRoute({
	method: 'post',
	path,
	summary: 'Sign in',
	request: { body: checkedBody(z.strictObject({ email: emailField, password: passwordField })) },
	responses: {
		200: { description: 'Signed in; the answer sets the session cookie', content: whoContent },
	},
});

const end = createRoute({
	method: 'delete',
	path,
	summary: 'Sign out',
	responses: { 204: { description: 'Signed out; the answer takes the cookie away' } },
});

/** `/session`: who is signed in, signing in, signing out. */
export function sessionRoutes({ auth }: { readonly auth: Pick<Auth, 'signIn'> }): ApiRouter {
	return newRouter()
		.openapi(look, (c) => c.json({ person: signedIn(c) }, 200))
		.openapi(begin, async (c) => {
			const answer = await auth.signIn.signIn(c.req.valid('json'), strangerOf(c));
			if (answer.state === 'entered') return c.json(welcome(c, answer), 200);
			c.header('Retry-After', String(Math.ceil(answer.waitMs / 1_000)));
			throw new Refusal(
				'tooMany',
				`Too many wrong passwords. Try again in ${roundedDuration(answer.waitMs)}.`,
			);
		})
		.openapi(end, async (c) => {
			signedIn(c);
			const session = c.get('identity')?.session ?? null;
			if (session !== null) c.header('Set-Cookie', await auth.signIn.signOut(session));
			return c.body(null, 204);
		});
}
