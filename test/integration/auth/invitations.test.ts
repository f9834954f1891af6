import { expect, test } from 'vitest';
import { Doors, goodPassword } from '../../support/doors.ts';

const grace = { name: 'Grace', email: 'grace@example.com', password: goodPassword };
const linus = { name: 'Linus', email: 'linus@example.com', password: goodPassword };

function pathOf(url: string | undefined): string {
	return `/invitations/${url?.split('/').at(-1)}`;
}

test('an invitation link makes one person, signed in, with the access that it offers', async () => {
	await using doors = await Doors.open();
	const ada = await doors.firstAdmin();
	const offer = { access: 'responder', name: 'Grace', email: 'Grace@Example.com' };
	const { status, body } = await ada.call('POST', '/invitations', offer);
	expect(status).toBe(201);
	expect(body.url).toMatch(/^http:\/\/muster\.test\/invite\/[\w-]{43}$/);

	const guest = doors.visitor();
	const looked = await guest.call('GET', pathOf(body.url));
	expect(looked.body).toEqual({ access: 'responder', name: 'Grace', email: 'grace@example.com' });
	const joined = await guest.call('POST', pathOf(body.url), grace);

	expect(joined.status).toBe(201);
	expect(joined.body.person).toMatchObject({ name: 'Grace', kind: 'user', access: 'responder' });
	expect(await guest.who()).toBe('Grace');
	const id = joined.body.person?.id;
	expect(id && doors.auth.people.nameOf(id)).toBe('Grace');
});

test('an invitation works once, also when two people use it at the same time', async () => {
	await using doors = await Doors.open();
	const ada = await doors.firstAdmin();
	const { body } = await ada.call('POST', '/invitations', { access: 'viewer' });
	const path = pathOf(body.url);
	const calls = [grace, linus].map((account) => () => doors.visitor().call('POST', path, account));
	const replies = await doors.atOnce(calls, 'invitations');
	expect(replies.map(({ status }) => status).sort()).toEqual([201, 404]);
	expect((await doors.visitor().call('GET', path)).status).toBe(404);
	expect((await doors.visitor().call('POST', path, linus)).status).toBe(404);
});

test('an invitation that is too old, made up, or whose admin is none any more does not work', async () => {
	await using doors = await Doors.open();
	const ada = await doors.firstAdmin();
	const second = await doors.guest(ada, 'Linus', 'admin');
	const old = await ada.call('POST', '/invitations', { access: 'viewer' });
	await doors.db.sql`update invitations set expires_at = now() - interval '1 second'`;
	const orphan = await second.call('POST', '/invitations', { access: 'admin' });
	const people = await ada.call('GET', '/people');
	const id = people.body.people?.find(({ name }) => name === 'Linus')?.id;
	await ada.call('PATCH', `/people/${id}`, { access: 'responder' });

	for (const path of [
		pathOf(old.body.url),
		pathOf(orphan.body.url),
		`/invitations/${'x'.repeat(43)}`,
		'/invitations/%00',
	]) {
		for (const reply of [
			await doors.visitor().call('GET', path),
			await doors.visitor().call('POST', path, grace),
		]) {
			expect(reply.status).toBe(404);
			expect(reply.body.error?.message).toContain('This invitation does not work');
			expect(reply.headers.getSetCookie()).toEqual([]);
		}
	}
});

test('an e-mail address that is taken, in any case, leaves the invitation open', async () => {
	await using doors = await Doors.open();
	const ada = await doors.firstAdmin();
	const { body } = await ada.call('POST', '/invitations', { access: 'viewer' });
	const taken = { ...grace, email: 'ADA@example.com' };
	const reply = await doors.visitor().call('POST', pathOf(body.url), taken);
	expect(reply.status).toBe(409);
	expect(reply.body.error).toMatchObject({ code: 'conflict', field: 'email' });
	expect((await doors.visitor().call('POST', pathOf(body.url), grace)).status).toBe(201);
});

test('only an admin invites', async () => {
	await using doors = await Doors.open();
	const ada = await doors.firstAdmin();
	const responder = await doors.guest(ada, 'Grace', 'responder');
	expect((await responder.call('POST', '/invitations', { access: 'viewer' })).status).toBe(403);
	expect((await doors.visitor().call('POST', '/invitations', { access: 'viewer' })).status).toBe(
		401,
	);
});

test('the store does not hold what an invitation link opens with', async () => {
	await using doors = await Doors.open();
	const ada = await doors.firstAdmin();
	const { body } = await ada.call('POST', '/invitations', { access: 'admin' });
	const [row] = await doors.db.sql`select i::text as text from invitations i`;
	expect(row?.text).not.toContain(body.url?.split('/').at(-1));
});
