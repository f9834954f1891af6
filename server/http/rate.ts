import type { MiddlewareHandler } from 'hono';
import type { PersonId } from '#core/ids.ts';
import { Refusal } from '#core/refusal.ts';
import type { Buckets } from '#server/buckets.ts';
import { Allowances } from '#server/allowance.ts';
import { limits } from '#server/limits.ts';
import type { ApiEnv } from './env.ts';

/** Holds each person to a number of requests a second on all nodes, with some credit for bursts. */
export function onlySoMany(now: () => number, shared: Buckets): MiddlewareHandler<ApiEnv> {
	const allowances = new Allowances<PersonId>(limits.requests, limits.requesters);
	const { burst, perSecond } = limits.requests;
	const mayAsk = async (person: PersonId): Promise<boolean> => {
		if (!allowances.take(person, now())) return false;
		const bucket = { name: `requests ${person}`, burst, refillMs: 1_000 / perSecond };
		return ((await shared.take([bucket])) ?? 0) === 0;
	};
	return async (c, next) => {
		const person = c.get('identity')?.person.id;
		if (person && !(await mayAsk(person))) {
			throw new Refusal('tooMany', 'This is too much at once. Wait a moment.');
		}
		await next();
	};
}
