import { expect, test } from 'vitest';
import { Doors, goodPassword } from '../../support/doors.ts';

const ada = { name: 'Ada', email: 'ada@example.com', password: goodPassword };

test('the first-run link makes one admin, who is signed in, and then it is gone', async () => {
	await using doors = await Doors.open();
	const link = doors.auth.setupLink();
	expect(link).toMatch(/^\/setup\/[\w-]{43}$/);
	expect(doors.auth.isSetUp()).toBe(false);
	const visitor = doors.visitor();
	const token = link?.split('/').at(-1);

	expect((await visitor.call('GET', '/setup/state')).body).toEqual({ needed: true });
	const made = await visitor.call('POST', '/setup', { token, ...ada });

	expect(made.status).toBe(201);
	expect(made.body.person).toMatchObject({ name: 'Ada', kind: 'user', access: 'admin' });
	expect(await visitor.who()).toBe('Ada');
	expect(doors.auth.isSetUp()).toBe(true);
	expect(doors.auth.setupLink()).toBe(null);
	expect((await visitor.call('GET', '/setup/state')).body).toEqual({ needed: false });
	const grace = { name: 'Grace', email: 'grace@example.com', password: goodPassword };
	const again = await doors.visitor().call('POST', '/setup', { token, ...grace });
	expect(again.status).toBe(404);
	expect(again.body.error?.message).toContain('first admin already');
});

test.each([
	['a wrong token', { token: 'x'.repeat(43), ...ada }],
	['no token', ada],
	['an empty token', { token: '', ...ada }],
])('the first run with %s is refused, and nobody is made', async (_, body) => {
	await using doors = await Doors.open();
	const reply = await doors.visitor().call('POST', '/setup', body);
	expect(reply.status).toBe(403);
	expect(reply.body.error?.code).toBe('forbidden');
	expect(reply.headers.getSetCookie()).toEqual([]);
	expect(doors.auth.isSetUp()).toBe(false);
	expect(doors.auth.people.all.filter(({ kind }) => kind === 'user')).toEqual([]);
});

test('of two people who use the first-run link at once, one becomes the admin', async () => {
	await using doors = await Doors.open();
	const token = doors.auth.setupLink()?.split('/').at(-1);
	const linus = { name: 'Linus', email: 'linus@example.com', password: goodPassword };
	const calls = [ada, linus].map(
		(account) => () => doors.visitor().call('POST', '/setup', { token, ...account }),
	);
	const replies = await doors.atOnce(calls, 'people');
	expect(replies.map(({ status }) => status).sort()).toEqual([201, 404]);
	expect(doors.auth.people.all.filter(({ kind }) => kind === 'user')).toHaveLength(1);
});

test('every start has another first-run link, and knows the admin that an earlier one made', async () => {
	await using doors = await Doors.open();
	const link = doors.auth.setupLink();
	await using second = await Doors.open({ on: doors.db });
	expect(second.auth.setupLink()).not.toBe(link);
	await doors.firstAdmin();
	await using third = await Doors.open({ on: doors.db });
	expect(third.auth.isSetUp()).toBe(true);
	expect(third.auth.setupLink()).toBe(null);
});
