import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Person } from '#core/response/access.ts';
import type { Entered, Stranger } from '#server/auth/signIn.ts';
import type { ApiEnv } from '../env.ts';
import { json } from '../openapi.ts';
import { person } from './fields.ts';

/** Who is at the door with this request. */
export function strangerOf(c: Context<ApiEnv>): Stranger {
	return {
		address: c.get('clientAddress'),
		userAgent: c.req.header('user-agent'),
		session: c.get('identity')?.session ?? null,
	};
}

/** Gives the browser the session of somebody who is in now; answers with who that is. */
export function welcome(c: Context<ApiEnv>, entered: Entered): { person: Person } {
	for (const line of entered.cookies) c.header('Set-Cookie', line, { append: true });
	return { person: entered.person };
}

/** `{person}`, what every door answers. */
export const whoContent = json(z.object({ person }));
