import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { openBetterAuth } from '#server/auth/betterAuth.ts';
import { Passwords } from '#server/auth/passwords.ts';
import { readSecret } from '#server/storage/installation.ts';
import { Doors, goodPassword } from '../../support/doors.ts';

const right = { email: 'ada@example.com', password: goodPassword };
const wrong = { email: 'ada@example.com', password: 'not this one at all' };
const nobody = { email: 'nobody@example.com', password: goodPassword };

test('somebody signs in with e-mail and password, in any case of the address, and out again', async () => {
	await using doors = await Doors.open();
	await doors.firstAdmin();
	const browser = doors.visitor();
	expect(await browser.who()).toBe(401);

	const reply = await browser.call('POST', '/session', { ...right, email: ' ADA@Example.com ' });
	expect(reply.status).toBe(200);
	expect(reply.body.person).toMatchObject({ name: 'Ada', access: 'admin' });
	expect(await browser.who()).toBe('Ada');

	const kept = { cookie: browser.cookieHeader };
	const session = (await doors.auth.identify(kept))?.session;
	expect((await browser.call('DELETE', '/session')).status).toBe(204);
	expect(await browser.who()).toBe(401);
	expect(doors.signedOut).toEqual([session]);
	expect(await doors.auth.identify(kept)).toBe(null);
	expect((await browser.call('DELETE', '/session')).status).toBe(401);
});

test('a wrong password and an unknown address get the same answer', async () => {
	await using doors = await Doors.open();
	await doors.firstAdmin();
	const replies = [
		await doors.visitor().call('POST', '/session', wrong),
		await doors.visitor().call('POST', '/session', nobody),
	];
	for (const { status, body, headers } of replies) {
		expect(status).toBe(401);
		const { code, message } = body.error ?? {};
		expect([code, message]).toEqual(['signedOut', 'E-mail address or password is wrong.']);
		expect(headers.getSetCookie()).toEqual([]);
	}
});

test('after ten wrong passwords an account is closed to that address, to the right password too', async () => {
	await using doors = await Doors.open();
	await doors.firstAdmin();
	const thief = doors.visitor({ address: '198.51.100.7' });
	const tries = Array.from({ length: 30 }, () => thief.call('POST', '/session', wrong));
	const statuses = (await Promise.all(tries)).map(({ status }) => status);
	expect(statuses.filter((status) => status === 401)).toHaveLength(10);
	expect(statuses.filter((status) => status === 429)).toHaveLength(20);

	const reply = await thief.call('POST', '/session', right);
	expect(reply.status).toBe(429);
	expect(reply.body.error?.message).toBe('Too many wrong passwords. Try again in 1 min.');
	expect(reply.headers.get('Retry-After')).toBe('60');

	const ada = doors.visitor({ address: '192.0.2.1' });
	expect((await ada.call('POST', '/session', right)).status).toBe(200);

	doors.clock.now += 60_000;
	expect((await thief.call('POST', '/session', right)).status).toBe(200);
});

test('an unknown address is closed after ten tries like a known one', async () => {
	await using doors = await Doors.open();
	await doors.firstAdmin();
	const thief = doors.visitor();
	const tries = Array.from({ length: 12 }, () => thief.call('POST', '/session', nobody));
	const statuses = (await Promise.all(tries)).map(({ status }) => status);
	expect(statuses.filter((status) => status === 429)).toHaveLength(2);
});

test('right passwords do not count as guesses', async () => {
	await using doors = await Doors.open();
	await doors.firstAdmin();
	for (let i = 0; i < 12; i++) {
		expect((await doors.visitor().call('POST', '/session', right)).status).toBe(200);
	}
});

test('the store holds neither passwords nor what opens a session', async () => {
	await using doors = await Doors.open();
	const ada = await doors.firstAdmin();
	const token = ada.cookies.get('muster')?.split('.')[0] ?? '';
	expect(token).toMatch(/^[\w-]{43}$/);
	const [session] = await doors.db.sql`select digest, address from sessions`;
	expect(session).toEqual({
		digest: createHash('sha256').update(token).digest('hex'),
		address: '192.0.2.1',
	});
	const [credential] = await doors.db.sql<{ password: string }[]>`select password from credentials`;
	expect(credential?.password).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
	for (const stolen of [session?.digest as string, `${session?.digest}.x`, `${token}x`, '']) {
		expect(await doors.auth.identify({ cookie: `muster=${stolen}` })).toBe(null);
	}
});

test('better-auth itself finds and ends a session by what the cookie holds', async () => {
	await using doors = await Doors.open();
	const ada = await doors.firstAdmin();
	const better = await openBetterAuth({
		sql: doors.db.sql,
		secret: await readSecret(doors.db.sql),
		publicUrl: 'http://muster.test',
		cookie: { name: 'muster', isSecure: false },
		passwords: new Passwords(),
	});
	const headers = new Headers({ cookie: ada.cookieHeader });
	const found = await better.api.getSession({ headers });
	expect(found?.user.name).toBe('Ada');
	expect(found?.session.token).toBe(ada.cookies.get('muster')?.split('.')[0]);
	await better.api.signOut({ headers });
	expect(await ada.who()).toBe(401);
});

test('over http the cookie is HttpOnly and Lax; over https it is Secure and bound to the host too', async () => {
	await using plain = await Doors.open();
	await plain.firstAdmin();
	const [line] = (await plain.visitor().call('POST', '/session', right)).headers.getSetCookie();
	expect(line).toMatch(/^muster=[^;]+; Max-Age=1296000; Path=\/; HttpOnly; SameSite=Lax$/);

	await using secure = await Doors.open({ publicUrl: 'https://muster.example.com' });
	const ada = await secure.firstAdmin();
	const reply = await secure.visitor().call('POST', '/session', right);
	expect(reply.headers.getSetCookie()).toHaveLength(1);
	expect(reply.headers.getSetCookie()[0]).toMatch(
		/^__Host-muster=[^;]+; Max-Age=1296000; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
	);
	expect(await ada.who()).toBe('Ada');
	const out = (await ada.call('DELETE', '/session')).headers.getSetCookie();
	expect(out).toEqual(['__Host-muster=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax; Secure']);
});

test('signing in again ends the session that the browser had', async () => {
	await using doors = await Doors.open();
	const ada = await doors.firstAdmin();
	const before = ada.cookieHeader;
	const session = (await doors.auth.identify({ cookie: before }))?.session;
	await ada.call('POST', '/session', right);
	expect(ada.cookieHeader).not.toBe(before);
	expect(await ada.who()).toBe('Ada');
	expect(await doors.auth.identify({ cookie: before })).toBe(null);
	expect(doors.signedOut).toEqual([session]);
});
