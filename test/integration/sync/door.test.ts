import { once } from 'node:events';
import { request } from 'node:http';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { protocolVersion } from '#core/protocol.ts';
import { TestApi } from '../../support/api.ts';
import { testDatabaseUrl } from '../../support/database.ts';

const account = { email: 'root@example.com', password: 'correct horse battery' };

let api: TestApi;
let incident: string;
/** The admin's cookie. */
let Cookie: string;
beforeAll(async () => {
	api = await TestApi.start(await testDatabaseUrl());
	await api.setUp();
	incident = await api.declare();
	const { headers } = await api.ask('POST /session', { token: null, body: account });
	Cookie = headers.getSetCookie()[0]?.split(';')[0] ?? '';
});
afterAll(() => api[Symbol.asyncDispose]());

/** The HTTP status that an upgrade at the live documents is answered with, 101 when it is let in. */
async function upgrade(headers: Record<string, string>, id = incident): Promise<number> {
	const { promise, resolve, reject } = Promise.withResolvers<number>();
	const asking = request(`${api.url}/sync/${id}`, {
		headers: {
			Connection: 'Upgrade',
			Upgrade: 'websocket',
			'Sec-WebSocket-Version': '13',
			'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
			...headers,
		},
	});
	asking.on('response', (response) => {
		response.resume();
		resolve(response.statusCode ?? 0);
	});
	asking.on('upgrade', (_response, socket) => {
		socket.destroy();
		resolve(101);
	});
	asking.on('error', reject);
	asking.end();
	return promise;
}

function connect(query: string): WebSocket {
	const url = `${api.url.replace('http', 'ws')}/sync/${incident}${query}`;
	return new WebSocket(url, { headers: withToken() });
}

function withToken(token = api.adminToken): Record<string, string> {
	return { Authorization: `Bearer ${token}` };
}

test('a page of ours comes in with its cookie, a program with its token', async () => {
	expect(await upgrade({ Cookie, Origin: api.publicUrl })).toBe(101);
	expect(await upgrade(withToken())).toBe(101);
});

test('another site, or none, is refused whatever comes with it', async () => {
	for (const Origin of ['https://evil.test', 'null', `${api.publicUrl}.evil.test`]) {
		expect(await upgrade({ Cookie, Origin })).toBe(403);
		expect(await upgrade({ ...withToken(), Origin })).toBe(403);
	}
	expect(await upgrade({ Cookie })).toBe(403);
});

test('whoever is not signed in is refused', async () => {
	expect(await upgrade({ Origin: api.publicUrl })).toBe(401);
	expect(await upgrade(withToken('guessed'))).toBe(401);
	expect(await upgrade({ Origin: api.publicUrl, Cookie: 'muster=guessed' })).toBe(401);
});

test('an unknown incident, a number and any other path are one 404', async () => {
	const odd = [
		crypto.randomUUID(),
		'1',
		'',
		incident.toUpperCase(),
		`${incident}/more`,
		'%00',
		'..',
	];
	for (const id of odd) expect(await upgrade(withToken(), id)).toBe(404);
});

test('an upgrade to anything but this websocket is refused', async () => {
	expect(await upgrade({ ...withToken(), 'Sec-WebSocket-Version': '7' })).toBe(400);
	expect(await upgrade({ ...withToken(), 'Sec-WebSocket-Key': 'short' })).toBe(400);
});

test('whoever speaks a version that is not known is told to load the page again', async () => {
	for (const query of ['?ack=1&v=99', '?v=one']) {
		const ws = connect(query);
		ws.on('message', () => expect.unreachable('nothing is told'));
		const [code, reason] = (await once(ws, 'close')) as [number, Buffer];
		expect([code, reason.toString()]).toEqual([4426, 'Muster was updated. Load this page again.']);
	}
	expect(await upgrade(withToken('guessed'), `${incident}?v=99`)).toBe(401);
	const { text } = await api.ask('GET //metrics', { token: null });
	expect(text).toContain('muster_sync_refusals_total{reason="outdated"} 2\n');
});

test('whoever speaks our version, or is a stock client that says none, comes in', async () => {
	for (const query of ['', '?ack=1', `?ack=1&v=${protocolVersion}`]) {
		const ws = connect(query);
		await once(ws, 'message');
		ws.terminate();
	}
});
