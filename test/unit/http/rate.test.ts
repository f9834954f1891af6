import { Hono } from 'hono';
import { expect, test } from 'vitest';
import type { PersonId } from '#core/ids.ts';
import { Refusal } from '#core/refusal.ts';
import type { ApiEnv } from '#server/http/env.ts';
import { noBuckets } from '#server/buckets.ts';
import { onlySoMany } from '#server/http/rate.ts';
import { limits } from '#server/limits.ts';

const { burst, perSecond } = limits.requests;

/** A door that holds people to the rate, at a time that the test sets. */
function openDoor() {
	const clock = { now: 1_000 };
	const app = new Hono<ApiEnv>();
	app.use(async (c, next) => {
		const id = c.req.path.slice(1) as PersonId;
		const person = { id, name: id, kind: 'user', access: 'viewer' } as const;
		c.set('identity', id === 'nobody' ? null : { person, session: null });
		await next();
	});
	app.use(onlySoMany(() => clock.now, noBuckets));
	app.all('*', (c) => c.text('in'));
	app.onError((error, c) => c.text(error instanceof Refusal ? error.code : 'fault', 429));
	const ask = async (who: string) => (await app.request(`/${who}`)).text();
	const admitted = async (who: string, times: number) => {
		const answers = await Promise.all(Array.from({ length: times }, () => ask(who)));
		return answers.filter((answer) => answer === 'in').length;
	};
	return { clock, ask, admitted };
}

test('a burst is admitted, what goes beyond it is too much', async () => {
	const { admitted, ask } = openDoor();
	expect(await admitted('ada', burst + 50)).toBe(burst);
	expect(await ask('ada')).toBe('tooMany');
});

test('time earns further requests, up to a burst', async () => {
	const { clock, admitted } = openDoor();
	await admitted('ada', burst);
	clock.now += 500;
	expect(await admitted('ada', perSecond)).toBe(perSecond / 2);
	clock.now += 3_600_000;
	expect(await admitted('ada', burst * 2)).toBe(burst);
});

test('a clock that steps back takes nothing away', async () => {
	const { clock, admitted } = openDoor();
	await admitted('ada', 10);
	clock.now -= 10_000;
	expect(await admitted('ada', burst)).toBe(burst - 10);
});

test('one person’s haste is nobody else’s, and nobody is held to nothing', async () => {
	const { admitted } = openDoor();
	await admitted('ada', burst + 1);
	expect(await admitted('grace', 10)).toBe(10);
	expect(await admitted('nobody', burst + 10)).toBe(burst + 10);
});
