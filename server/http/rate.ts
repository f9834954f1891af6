import type { MiddlewareHandler } from 'hono';
import type { PersonId } from '#core/ids.ts';
import { Refusal } from '#core/refusal.ts';
import { limits } from '#server/limits.ts';
import type { ApiEnv } from './env.ts';

interface Bucket {
	tokens: number;
	/** Epoch ms of the last request. */
	at: number;
}

/** Holds each person to a number of requests a second, with some credit for bursts. */
export function onlySoMany(now: () => number): MiddlewareHandler<ApiEnv> {
	const buckets = new Map<PersonId, Bucket>();
	return async (c, next) => {
		const person = c.get('identity')?.person.id;
		if (person && !takeToken(buckets, person, now())) {
			throw new Refusal('tooMany', 'This is too much at once. Wait a moment.');
		}
		await next();
	};
}

function takeToken(buckets: Map<PersonId, Bucket>, person: PersonId, now: number): boolean {
	const { requestBurst, requestsPerSecond } = limits;
	const bucket = buckets.get(person) ?? { tokens: requestBurst, at: now };
	const earned = (Math.max(0, now - bucket.at) / 1_000) * requestsPerSecond;
	const tokens = Math.min(requestBurst, bucket.tokens + earned);
	const mayPass = tokens >= 1;
	buckets.set(person, { tokens: mayPass ? tokens - 1 : tokens, at: now });
	return mayPass;
}
