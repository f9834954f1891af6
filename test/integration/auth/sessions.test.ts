import { expect, test } from 'vitest';
import { Doors } from '../../support/doors.ts';

/** Moves a session's past: as if it had been used last, and begun, so long ago. */
async function age(doors: Doors, seen: string, begun = '0 s'): Promise<void> {
	await doors.db.sql`
		update sessions set
			seen_at = now() - ${seen}::interval,
			created_at = now() - ${begun}::interval,
			expires_at = now() - ${begun}::interval + interval '15 days'`;
}

test('a session ends after twelve hours without use', async () => {
	await using doors = await Doors.open();
	const ada = await doors.firstAdmin();
	await age(doors, '11 hours 59 minutes');
	expect(await ada.who()).toBe('Ada');
	await age(doors, '12 hours 1 minute');
	expect(await ada.who()).toBe(401);
});

test('a request keeps a session in use', async () => {
	await using doors = await Doors.open();
	const ada = await doors.firstAdmin();
	await age(doors, '6 minutes');
	await ada.who();
	const [row] = await doors.db
		.sql`select now() - seen_at < interval '1 minute' as fresh from sessions`;
	expect(row?.fresh).toBe(true);
});

test('after fourteen days a session ends with its first pause, and on the fifteenth in any case', async () => {
	await using doors = await Doors.open();
	const ada = await doors.firstAdmin();
	await age(doors, '29 minutes', '14 days 1 hour');
	expect(await ada.who()).toBe('Ada');
	await age(doors, '31 minutes', '14 days 1 hour');
	expect(await ada.who()).toBe(401);
	await age(doors, '1 second', '15 days 1 second');
	expect(await ada.who()).toBe(401);
});

test('the sweep ends the sockets of sessions that have ended, and spares those that have one open', async () => {
	await using doors = await Doors.open();
	const ada = await doors.firstAdmin();
	const grace = await doors.guest(ada, 'Grace');
	const adas = (await doors.auth.identify({ cookie: ada.cookieHeader }))?.session ?? '';
	const graces = (await doors.auth.identify({ cookie: grace.cookieHeader }))?.session ?? '';
	await age(doors, '11 hours 59 minutes');
	doors.sockets.push(adas);
	await doors.auth.sweep();
	await doors.db.sql`update sessions set seen_at = seen_at - interval '2 minutes'`;

	await doors.auth.sweep();

	expect(doors.signedOut).toEqual([graces]);
	expect(await ada.who()).toBe('Ada');
	expect(await grace.who()).toBe(401);
});

test('a session outlives a restart of the server', async () => {
	await using doors = await Doors.open();
	const ada = await doors.firstAdmin();
	await using restarted = await Doors.open({ on: doors.db });
	expect((await restarted.auth.identify({ cookie: ada.cookieHeader }))?.person.name).toBe('Ada');
});

test('while the store is away nobody is taken for nobody: asking fails', async () => {
	const doors = await Doors.open();
	const ada = await doors.firstAdmin();
	await doors[Symbol.asyncDispose]();
	await expect(doors.auth.identify({ cookie: ada.cookieHeader })).rejects.toThrow();
});
