import { expect, test } from 'vitest';
import type { PersonId } from '#core/ids.ts';
import { findInvitation, insertInvitation } from '#server/storage/invitations.ts';
import { Doors, type TestVisitor } from '../../support/doors.ts';

async function idOf(visitor: TestVisitor): Promise<PersonId> {
	const { body } = await visitor.call('GET', '/session');
	return body.person?.id ?? ('' as PersonId);
}

test('an admin changes what somebody may do: at once, and their sockets are told', async () => {
	await using doors = await Doors.open();
	const ada = await doors.firstAdmin();
	const grace = await doors.guest(ada, 'Grace', 'viewer');
	const id = await idOf(grace);
	const reply = await ada.call('PATCH', `/people/${id}`, { access: 'admin' });
	expect(reply.status).toBe(200);
	expect(reply.body.person).toMatchObject({ name: 'Grace', access: 'admin' });
	expect(doors.changed).toEqual([id]);
	expect((await grace.call('POST', '/invitations', { access: 'viewer' })).status).toBe(201);
	await ada.call('PATCH', `/people/${id}`, { access: 'admin' });
	expect(doors.changed).toEqual([id]);
});

test('the last admin stays one, and of two who demote each other at once one stays', async () => {
	await using doors = await Doors.open();
	const ada = await doors.firstAdmin();
	const alone = await ada.call('PATCH', `/people/${await idOf(ada)}`, { access: 'viewer' });
	expect(alone.status).toBe(409);
	expect(alone.body.error).toMatchObject({ code: 'conflict', field: 'access' });

	const grace = await doors.guest(ada, 'Grace', 'admin');
	const [adas, graces] = [await idOf(ada), await idOf(grace)];
	const demote = [
		() => ada.call('PATCH', `/people/${graces}`, { access: 'viewer' }),
		() => grace.call('PATCH', `/people/${adas}`, { access: 'viewer' }),
	];
	const replies = await doors.atOnce(demote, 'people');
	expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
	const { body } = await ada.call('GET', '/people');
	const admins = body.people?.filter(({ kind, access }) => kind === 'user' && access === 'admin');
	expect(admins).toHaveLength(1);
});

test('only an admin changes access, and only of people who exist', async () => {
	await using doors = await Doors.open();
	const ada = await doors.firstAdmin();
	const grace = await doors.guest(ada, 'Grace', 'responder');
	const id = await idOf(grace);
	expect((await grace.call('PATCH', `/people/${id}`, { access: 'admin' })).status).toBe(403);
	expect((await doors.visitor().call('PATCH', `/people/${id}`, { access: 'admin' })).status).toBe(
		401,
	);
	const token = await ada.call('POST', '/tokens', { name: 'deploys', access: 'viewer' });
	for (const nobody of [
		'x',
		'__proto__',
		'%00',
		id.toUpperCase(),
		crypto.randomUUID(),
		token.body.id,
	]) {
		expect((await ada.call('PATCH', `/people/${nobody}`, { access: 'admin' })).status).toBe(404);
	}
});

test('people are listed by name and access for whoever is signed in, without their addresses', async () => {
	await using doors = await Doors.open();
	const ada = await doors.firstAdmin();
	const grace = await doors.guest(ada, 'Grace', 'viewer');
	const reply = await grace.call('GET', '/people');
	expect(reply.body.people?.map(({ name }) => name)).toEqual([
		'Muster',
		'Admin token',
		'Ada',
		'Grace',
	]);
	expect(JSON.stringify(reply.body)).not.toContain('@');
	expect((await doors.visitor().call('GET', '/people')).status).toBe(401);
});

test('somebody who comes while everybody is read stays known', async () => {
	await using doors = await Doors.open();
	const { people } = doors.auth;
	const linus = { id: crypto.randomUUID() as string as PersonId, name: 'Linus' };
	const loading = await doors.db.sql.begin(async (tx) => {
		await tx`lock table people in access exclusive mode`;
		const loaded = people.load();
		people.learn({ ...linus, kind: 'user', access: 'responder' });
		return { loaded };
	});
	await loading.loaded;
	expect(people.nameOf(linus.id)).toBe('Linus');
});

test('names are known after a restart, and an unknown id is somebody', async () => {
	await using doors = await Doors.open();
	const ada = await doors.firstAdmin();
	const id = await idOf(ada);
	await using restarted = await Doors.open({ on: doors.db });
	expect(restarted.auth.people.nameOf(id)).toBe('Ada');
	expect(restarted.auth.people.nameOf(crypto.randomUUID() as string as PersonId)).toBe('Somebody');
});

test('[K12] who is forgotten has no name, no address and no way in any more; what they wrote has its author', async () => {
	await using doors = await Doors.open();
	const ada = await doors.firstAdmin();
	const grace = await doors.guest(ada, 'Grace', 'admin');
	const id = await idOf(grace);
	const { body } = await grace.call('POST', '/tokens', { name: 'deploys', access: 'admin' });
	const script = doors.visitor({ token: body.token ?? '' });
	expect((await script.call('GET', '/people')).status).toBe(200);
	expect((await grace.call('DELETE', `/people/${await idOf(ada)}`)).status).toBe(204);
	expect((await ada.call('GET', '/people')).status).toBe(401);
	expect((await grace.call('DELETE', `/people/${id}`)).status).toBe(409);

	const linus = await doors.guest(grace, 'Linus', 'admin');
	for (const [digest, email] of Object.entries({ a: 'Grace@Example.com', b: 'else@example.com' })) {
		const invitation = { access: 'admin', name: null, email, by: await idOf(linus) } as const;
		await insertInvitation(doors.db.sql, { ...invitation, digest: Buffer.from(digest) });
	}
	expect((await linus.call('DELETE', '/people/GRACE@example.com')).status).toBe(204);
	expect((await grace.call('GET', '/people')).status).toBe(401);
	expect((await script.call('GET', '/people')).status).toBe(401);
	expect(await findInvitation(doors.db.sql, Buffer.from('a'))).toBeNull();
	expect(await findInvitation(doors.db.sql, Buffer.from('b'))).not.toBeNull();
	expect(doors.changed).toEqual(expect.arrayContaining([id, body.id]));
	expect(doors.signedOut.length).toBeGreaterThan(0);
	const { body: all } = await linus.call('GET', '/people');
	expect(all.people?.find((person) => person.id === id)).toEqual({
		...{ id, name: 'Somebody forgotten', kind: 'system', access: 'viewer' },
	});
	const tables = await doors.db.sql<{ name: string }[]>`
		select table_name as name from information_schema.tables where table_schema = 'public'`;
	for (const { name } of tables) {
		const rows = await doors.db.sql<{ row: string }[]>`
			select to_jsonb(r)::text as row from ${doors.db.sql(name)} r`;
		expect(rows.map(({ row }) => row).join()).not.toMatch(/grace|\bada\b/i);
	}
	expect((await linus.call('DELETE', `/people/${id}`)).status).toBe(404);
	expect((await linus.call('DELETE', '/people/nobody@example.com')).status).toBe(404);
	const viewer = await doors.guest(linus, 'Mallory', 'responder');
	expect((await viewer.call('DELETE', `/people/${await idOf(linus)}`)).status).toBe(403);
});
