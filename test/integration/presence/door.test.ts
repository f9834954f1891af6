import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { protocolVersion } from '#core/protocol.ts';
import { TestJournal } from '../../support/journal.ts';
import { PresenceStand } from '../../support/presence.ts';
import { until } from '../../support/until.ts';

let stand: PresenceStand;
beforeAll(async () => void (stand = await PresenceStand.open()));
afterAll(() => stand[Symbol.asyncDispose]());

const ours = 'http://muster.test';

/** The HTTP status that a websocket upgrade is answered with. */
async function upgrade(headers: Record<string, string>): Promise<number> {
	const { promise, resolve, reject } = Promise.withResolvers<number>();
	const asking = request({
		port: stand.port,
		path: '/socket.io/?EIO=4&transport=websocket',
		headers: {
			Connection: 'Upgrade',
			Upgrade: 'websocket',
			'Sec-WebSocket-Version': '13',
			'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
			...headers,
		},
	});
	asking.on('response', (response) => resolve((response.resume(), response.statusCode ?? 0)));
	asking.on('upgrade', (_response, socket) => resolve((socket.destroy(), 101)));
	asking.on('error', reject);
	asking.end();
	return promise;
}

test('a page of ours that is signed in comes in with its cookie', async () => {
	const client = stand.client({ Origin: ours, Cookie: stand.admin.cookieHeader });
	await client.connected();
	const { incident } = await TestJournal.declare(stand.db.sql);
	await client.ask('enter', { incident });
	await client.sees(incident, 'Ada');
});

test('another site, or none, is refused whatever cookie comes with it', async () => {
	const Cookie = stand.admin.cookieHeader;
	expect(await upgrade({ Origin: 'https://evil.test', Cookie })).toBe(403);
	expect(await upgrade({ Origin: 'null', Cookie })).toBe(403);
	expect(await upgrade({ Origin: `${ours}.evil.test`, Cookie })).toBe(403);
	expect(await upgrade({ Cookie })).toBe(403);
	const Authorization = `Bearer ${await stand.token('Ada')}`;
	expect(await upgrade({ Origin: 'https://evil.test', Authorization })).toBe(403);
	expect(await upgrade({ Origin: ours, Cookie })).toBe(101);
});

test('whoever is not signed in is told so, and is not let in', async () => {
	for (const headers of [
		{ Origin: ours },
		{ Origin: ours, Cookie: 'muster=guessed' },
		{ Authorization: 'Bearer guessed' },
	] as Record<string, string>[]) {
		const client = stand.client(headers);
		await until('it is refused', () => client.errors.length > 0);
		expect(client.errors[0]?.message).toBe('Sign in first.');
		expect(client.errors[0]?.data).toMatchObject({ code: 'signedOut' });
		expect(client.socket.active).toBe(false);
	}
});

test('whoever speaks a version that is not known is told to load the page again', async () => {
	const Authorization = `Bearer ${await stand.token('Ada')}`;
	for (const query of [{ v: '99' }, { v: 'one' }]) {
		const client = stand.client({ Authorization }, { query });
		await until('it is refused', () => client.errors.length > 0);
		expect(client.errors[0]?.message).toBe('Muster was updated. Load this page again.');
		expect(client.errors[0]?.data).toMatchObject({ code: 'outdated' });
		expect(client.socket.active).toBe(false);
	}
	const client = stand.client({ Authorization }, { query: { v: protocolVersion } });
	await client.connected();
});

test('there is one namespace', async () => {
	const Authorization = `Bearer ${await stand.token('Ada')}`;
	const client = stand.client({ Authorization });
	await client.connected();
	for (const name of ['/admin', '/__proto__', '/socket.io']) {
		const socket = client.socket.io.socket(name);
		const refused = new Promise<Error>((resolve) => socket.on('connect_error', resolve));
		socket.connect();
		expect((await refused).message).toBe('Invalid namespace');
		socket.disconnect();
	}
});

test('only websockets are served, and no script', async () => {
	const get = async (path: string) =>
		(await fetch(`http://127.0.0.1:${stand.port}${path}`, { headers: { Origin: ours } })).status;
	expect(await get('/socket.io/?EIO=4&transport=polling')).toBe(400);
	expect(await get('/socket.io/socket.io.js')).not.toBe(200);
	expect(await get('/elsewhere')).toBe(404);
});

test('signing out ends the connections of that session, and only those', async () => {
	const guest = await stand.doors.guest(stand.admin, 'Grace');
	const here = stand.client({ Origin: ours, Cookie: guest.cookieHeader });
	const elsewhere = await stand.person('Linus');
	await here.connected();
	expect(stand.presence.sessions().length).toBeGreaterThan(0);
	await guest.call('DELETE', '/session');
	const session = stand.doors.signedOut.at(-1);
	if (session === undefined) throw new Error('Nobody was told.');
	stand.presence.signedOut(session);
	await until('the connection ends', () => here.ends.length > 0);
	expect(here.ends).toEqual(['io server disconnect']);
	expect(elsewhere.socket.connected).toBe(true);
});

test('a person whose access changed comes back as who they are now', async () => {
	const { incident } = await TestJournal.declare(stand.db.sql);
	const [ada, grace] = [await stand.person('Ada'), await stand.person('Grace')];
	await grace.ask('enter', { incident });
	await ada.ask('enter', { incident });
	await ada.sees(incident, 'Grace', 'Ada');
	const person = ada.present.get(incident)?.[0]?.person;
	if (!person) throw new Error('Grace is not there.');
	await stand.db.sql`update people set name = 'Grace H' where id = ${person}`;
	grace.socket.on('connect', () => grace.socket.emit('enter', { incident }));
	stand.presence.accessChanged(person);
	await until('grace has come back', () => grace.ends.length === 1 && grace.socket.connected);
	await until('both are there', () => ada.namesIn(incident).length === 2);
	expect(ada.ends).toEqual([]);
});
