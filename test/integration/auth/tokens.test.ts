import { expect, test } from 'vitest';
import { adminToken, Doors } from '../../support/doors.ts';

test('a token acts as a person of its own until it is revoked, which its sockets are told', async () => {
	await using doors = await Doors.open();
	const ada = await doors.firstAdmin();
	const made = await ada.call('POST', '/tokens', { name: 'deploys', access: 'responder' });
	expect(made.status).toBe(201);
	const { id = '', token = '' } = made.body;
	expect(token).toMatch(/^muster_[\w-]{43}$/);

	const script = doors.visitor({ token });
	const { body } = await script.call('GET', '/session');
	expect(body.person).toEqual({ id, name: 'deploys', kind: 'token', access: 'responder' });
	const listed = await ada.call('GET', '/tokens');
	expect(listed.body.tokens).toEqual([
		{ id, name: 'deploys', access: 'responder', createdAt: expect.stringMatching(/^\d{4}-.*Z$/) },
	]);
	expect(JSON.stringify(listed.body)).not.toContain(token);

	expect((await ada.call('DELETE', `/tokens/${id}`)).status).toBe(204);
	expect(await script.who()).toBe(401);
	expect(doors.changed).toEqual([id]);
	expect((await ada.call('GET', '/tokens')).body.tokens).toEqual([]);
	expect((await ada.call('DELETE', `/tokens/${id}`)).status).toBe(404);
	const { people } = doors.auth;
	expect(people.all.find((person) => person.id === id)).toMatchObject({
		name: 'deploys',
		access: 'viewer',
	});
});

test('the admin token is an admin from the start, a wrong or empty one is nobody', async () => {
	await using doors = await Doors.open();
	const script = doors.visitor({ token: adminToken });
	const { body } = await script.call('GET', '/session');
	expect(body.person).toEqual({
		id: '00000000-0000-0000-0000-000000000001',
		name: 'Admin token',
		kind: 'token',
		access: 'admin',
	});
	expect((await script.call('POST', '/tokens', { name: 'ci', access: 'admin' })).status).toBe(201);
	expect(doors.auth.isSetUp()).toBe(false);
	await doors.firstAdmin();
	for (const token of [`${adminToken}x`, adminToken.slice(1), '', 'null']) {
		expect(await doors.visitor({ token }).who()).toBe(401);
	}
});

test('a wrong token is nobody, even beside a session that is right', async () => {
	await using doors = await Doors.open();
	const ada = await doors.firstAdmin();
	const headers = { cookie: ada.cookieHeader, authorization: 'Bearer muster_wrong' };
	expect(await doors.auth.identify(headers)).toBe(null);
	const basic = { cookie: ada.cookieHeader, authorization: 'Basic cHJveHk6cHJveHk=' };
	expect((await doors.auth.identify(basic))?.person.name).toBe('Ada');
	expect((await doors.auth.identify(new Headers(basic)))?.person.name).toBe('Ada');
});

test('a token does no more than who made it, also when that becomes less', async () => {
	await using doors = await Doors.open();
	const ada = await doors.firstAdmin();
	const grace = await doors.guest(ada, 'Grace', 'responder');
	const tooMuch = await grace.call('POST', '/tokens', { name: 'mine', access: 'admin' });
	expect(tooMuch.status).toBe(403);
	expect(tooMuch.body.error?.field).toBe('access');

	const { body } = await grace.call('POST', '/tokens', { name: 'mine', access: 'responder' });
	const script = doors.visitor(body.token === undefined ? {} : { token: body.token });
	const graces = (await grace.call('GET', '/session')).body.person?.id;
	await ada.call('PATCH', `/people/${graces}`, { access: 'viewer' });
	expect((await script.call('GET', '/session')).body.person?.access).toBe('viewer');
	expect(doors.changed).toEqual([graces, body.id]);
});

test('people see and revoke their own tokens, admins all, and a token makes none', async () => {
	await using doors = await Doors.open();
	const ada = await doors.firstAdmin();
	const grace = await doors.guest(ada, 'Grace', 'responder');
	const adas = await ada.call('POST', '/tokens', { name: 'adas', access: 'admin' });
	const graces = await grace.call('POST', '/tokens', { name: 'graces', access: 'viewer' });
	const names = async (visitor: typeof ada) =>
		(await visitor.call('GET', '/tokens')).body.tokens?.map(({ name }) => name);
	expect(await names(grace)).toEqual(['graces']);
	expect(await names(ada)).toEqual(['graces', 'adas']);
	expect((await grace.call('DELETE', `/tokens/${adas.body.id}`)).status).toBe(404);

	const { token = '' } = adas.body;
	const made = await doors
		.visitor({ token })
		.call('POST', '/tokens', { name: 'x', access: 'viewer' });
	expect(made.status).toBe(403);
	expect((await ada.call('DELETE', `/tokens/${graces.body.id}`)).status).toBe(204);
	expect((await doors.visitor().call('GET', '/tokens')).status).toBe(401);
});
