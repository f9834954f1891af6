import { expect, test } from 'vitest';
import { Doors } from '../../support/doors.ts';

test('whoever signs out on one node is signed out of the sockets on the others', async () => {
	await using doors = await Doors.open();
	await using other = await Doors.open({ on: doors.db });
	const ada = await doors.firstAdmin();
	const session = (await doors.auth.identify({ cookie: ada.cookieHeader }))?.session ?? '';
	other.sockets.push(session);
	await other.auth.refresh();
	expect(other.signedOut).toEqual([]);
	await ada.call('DELETE', '/session');
	await other.auth.refresh();
	expect(other.signedOut).toEqual([session]);
});

test('other rights and a revoked token are heard of on every node, once', async () => {
	await using doors = await Doors.open();
	await using other = await Doors.open({ on: doors.db });
	const ada = await doors.firstAdmin();
	const grace = await doors.guest(ada, 'Grace');
	const graces = await doors.auth.identify({ cookie: grace.cookieHeader });
	const graceId = graces?.person.id ?? '';
	const { body } = await ada.call('POST', '/tokens', { name: 'script', access: 'viewer' });
	const token = body.id ?? '';
	await other.auth.refresh();
	expect(other.changed).toEqual([]);
	expect(other.auth.people.nameOf(graces?.person.id as never)).toBe('Grace');

	await ada.call('PATCH', `/people/${graceId}`, { access: 'viewer' });
	await ada.call('DELETE', `/tokens/${token}`);
	await other.auth.refresh();
	await other.auth.refresh();
	expect(other.changed.sort()).toEqual([graceId, token].sort());
});
