import type { MiddlewareHandler } from 'hono';
import type { PersonId } from '#core/ids.ts';
import { Refusal } from '#core/refusal.ts';
import { Allowances } from '#server/allowance.ts';
import { limits } from '#server/limits.ts';
import type { ApiEnv } from './env.ts';

/** Holds each person to a number of requests a second, with some credit for bursts. */
export function onlySoMany(now: () => number): MiddlewareHandler<ApiEnv> {
	const allowances = new Allowances<PersonId>(limits.requests, limits.requesters);
	return async (c, next) => {
		const person = c.get('identity')?.person.id;
		if (person && !allowances.take(person, now())) {
			throw new Refusal('tooMany', 'This is too much at once. Wait a moment.');
		}
		await next();
	};
}
