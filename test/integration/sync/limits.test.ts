import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import * as Y from 'yjs';
import { impactOf } from '#core/incident/document.ts';
import type { PresentMessage } from '#core/wire.ts';
import { limits } from '#server/limits.ts';
import { webSocketWire } from '#server/sync/peers/wire.ts';
import { TestApi, type ApiPerson } from '../../support/api.ts';
import { SyncPeer, syncFrame } from '../../support/client.ts';
import { testDatabaseUrl } from '../../support/database.ts';
import { RawSocket } from '../../support/rawSocket.ts';
import { stockProvider } from '../../support/stock.ts';
import { until } from '../../support/until.ts';

let api: TestApi;
let syncUrl: string;
let ada: ApiPerson;
let grace: ApiPerson;
let linus: ApiPerson;
let incident: string;
beforeAll(async () => {
	api = await TestApi.start(await testDatabaseUrl());
	syncUrl = `${api.url.replace('http', 'ws')}/sync`;
});
afterAll(() => api[Symbol.asyncDispose]());
beforeEach(async () => {
	incident = await api.declare();
	ada = await api.invite('ada');
	grace = await api.invite('grace');
	linus = await api.invite('linus');
});

function addressOf({ token }: ApiPerson) {
	return { syncUrl, incident, token };
}

async function comeIn(person: ApiPerson): Promise<SyncPeer> {
	const peer = new SyncPeer(addressOf(person));
	await peer.connect();
	return peer;
}

/** A number of `/metrics`, 0 while nothing was counted. */
async function metric(name: string): Promise<number> {
	const { text } = await api.ask('GET //metrics', { token: null });
	const line = text.split('\n').find((one) => one.startsWith(`${name} `));
	return Number(line?.slice(name.length + 1) ?? 0);
}

async function endOf(socket: RawSocket): Promise<RawSocket['closed']> {
	await until('the connection ends', () => socket.closed !== null);
	return socket.closed;
}

describe('whoever sends too much', () => {
	test('is sent away with a reason, is counted, and nobody else notices', async () => {
		using hers = await comeIn(ada);
		using his = await comeIn(grace);
		using flood = await RawSocket.open(addressOf(linus));
		const before = await metric('muster_sync_refusals_total{reason="rate"}');
		for (let i = 0; i < 1_000; i++) flood.send(syncFrame('update', new Uint8Array([0, 0])));
		hers.edit('a', (doc) => impactOf(doc).insert(0, 'checkouts fail'));
		await until('it is seen', () => impactOf(his.doc).toJSON() === 'checkouts fail', 1_000);
		expect(await endOf(flood)).toMatchObject({ code: 1013 });
		expect(flood.closed?.reason).toContain('(rate)');
		expect(await metric('muster_sync_refusals_total{reason="rate"}')).toBe(before + 1);
	});

	test('loses nothing: a stock client comes back with all of it', async () => {
		const doc = new Y.Doc();
		const provider = stockProvider({ ...addressOf(ada), doc });
		await until('it is synced', () => provider.synced);
		for (let i = 0; i < 1_000; i++) impactOf(doc).insert(i, 'x');
		using his = await comeIn(grace);
		await until('all is there', () => impactOf(his.doc).length === 1_000, 15_000);
		provider.destroy();
		doc.destroy();
	});

	test('asks too often, pings too often or in too many pieces, and is sent away', async () => {
		using asking = await RawSocket.open(addressOf(linus));
		for (let i = 0; i < 20; i++) asking.send(Uint8Array.of(0, 0, 1, 0));
		expect(await endOf(asking)).toMatchObject({ code: 1013 });

		const pinging = await open(grace);
		const pinged = once(pinging, 'close');
		for (let i = 0; i < 100; i++) pinging.ping();
		expect(await pinged).toMatchObject([1013, expect.anything()]);

		const inPieces = await open(grace);
		const pieces = once(inPieces, 'close');
		for (let i = 0; i < 2_000; i++) inPieces.send(Uint8Array.of(0), { fin: false });
		expect(await pieces).toMatchObject([1008, expect.anything()]);
	});

	test('a state vector of more entries than anybody has is refused', async () => {
		using asking = await RawSocket.open(addressOf(linus));
		const vector = Y.encodeStateVector(
			new Map(Array.from({ length: limits.stateVectorEntries + 1 }, (_, i) => [i, 1])),
		);
		const header = syncFrame('update', vector);
		asking.send(Uint8Array.of(0, 0, ...header.subarray(2)));
		expect(await endOf(asking)).toMatchObject({ code: 4400 });
	});

	test('fills no log: every refusal is counted, and one in a while is told of', async () => {
		const told = () => api.log.filter((line) => line.includes('"reason":"invalid"')).length;
		const before = {
			told: told(),
			counted: await metric('muster_sync_refusals_total{reason="invalid"}'),
		};
		for (let i = 0; i < 30; i++) {
			using bad = await RawSocket.open(addressOf(linus));
			bad.send('hello');
			await endOf(bad);
		}
		expect(told() - before.told).toBeLessThanOrEqual(1);
		const counted = await metric('muster_sync_refusals_total{reason="invalid"}');
		expect(counted - before.counted).toBe(30);
	});
});

describe('at the door', () => {
	test('a person’s twenty-first socket is refused until one of the others is gone', async () => {
		const peers = await Promise.all(Array.from({ length: 20 }, () => comeIn(ada)));
		using more = new SyncPeer(addressOf(ada));
		more.open();
		expect((await more.ended()).code).toBe(429);
		await peers[0]?.cut();
		await until('there is room', async () => {
			await more.connect().catch(() => undefined);
			return more.isOpen;
		});
		using his = await comeIn(grace);
		expect(his.isOpen).toBe(true);
		for (const peer of peers) peer[Symbol.dispose]();
	});

	test('headers of 20 kB are refused', async () => {
		const ws = new WebSocket(`${syncUrl}/${incident}`, {
			headers: { Authorization: `Bearer ${ada.token}`, 'X-Much': 'x'.repeat(20_000) },
		});
		ws.on('error', () => undefined);
		const [, response] = (await once(ws, 'unexpected-response')) as [
			unknown,
			{ statusCode: number },
		];
		expect(response.statusCode).toBe(431);
	});

	test('who is not signed in is told so fifty times, then to wait', async () => {
		const statuses = await Promise.all(
			Array.from({ length: 60 }, async () => {
				using peer = new SyncPeer({ syncUrl, incident, token: 'guessed' });
				peer.open();
				return (await peer.ended()).code;
			}),
		);
		expect(new Set(statuses)).toEqual(new Set([401, 429]));
		using hers = await comeIn(ada);
		expect(hers.isOpen).toBe(true);
	});
});

describe('an incident that grows', () => {
	test('warns from 5 MB on; a full one refuses edits and entries with a reason, and takes deletions', async () => {
		const mib = 2 ** 20;
		const said: PresentMessage['size'][] = [];
		const socket = io(api.url, {
			transports: ['websocket'],
			extraHeaders: { Authorization: `Bearer ${grace.token}` },
		});
		socket.on('present', ({ size }: PresentMessage) => said.at(-1) !== size && said.push(size));
		socket.emit('enter', { incident });
		using hers = await comeIn(ada);
		using his = await comeIn(grace);
		for (let i = 0; i < 10; i++) {
			for (const peer of [hers, his]) {
				peer.edit('page', (doc) => impactOf(doc).insert(0, 'x'.repeat(mib - 100)));
				await until('it is saved', () => peer.isSaved || peer.closed !== null);
			}
		}
		await until('people are warned', () => said.includes('large'));
		using more = await comeIn(linus);
		for (let i = 0; i < 3 && !more.closed; i++) {
			more.edit('more', (doc) => impactOf(doc).insert(0, 'y'.repeat(mib / 2)));
			await until('it is saved or refused', () => more.isSaved || more.closed !== null);
		}
		const reason = 'This incident is as large as it may be (20 MiB): it only takes deletions.';
		expect(more.closed).toEqual({ code: 1009, reason });
		await until('people are told', () => said.includes('full'));
		const entry = await api.ask(`POST /incidents/${incident}/entries`, {
			body: { text: 'a note' },
		});
		expect(entry).toMatchObject({ status: 413, body: { error: { message: reason } } });
		using cleaner = await comeIn(ada);
		cleaner.edit('clean', (doc) => impactOf(doc).delete(0, 19 * mib));
		await cleaner.saved();
		await until('nothing is left to be told', () => said.at(-1) === null);
		socket.disconnect();
	}, 60_000);
});

describe('carets of stock clients', () => {
	test('bear their person’s name, go when their owner goes, and leave nothing behind', async () => {
		const turns = await metric('muster_turns_total');
		const docs = [new Y.Doc(), new Y.Doc()] as const;
		const hers = stockProvider({ ...addressOf(ada), doc: docs[0] });
		const his = stockProvider({ ...addressOf(grace), doc: docs[1] });
		await until('both are synced', () => hers.synced && his.synced);
		hers.awareness.setLocalStateField('user', { name: 'grace' });
		const hersAtHis = () => his.awareness.getStates().get(docs[0].clientID);
		await until('his screen has her caret', () => hersAtHis()?.['user'] !== undefined);
		expect(hersAtHis()?.['user']).toMatchObject({ name: 'ada', id: ada.id });
		expect(hers.awareness.getLocalState()?.['user']).toEqual({ name: 'grace' });
		hers.destroy();
		await until('her caret is gone', () => hersAtHis() === undefined, 3_000);
		expect(await metric('muster_turns_total')).toBe(turns);
		his.destroy();
		docs.forEach((doc) => doc.destroy());
	});
});

describe('a socket', () => {
	test('ends when its network is dead, and not while it only listens', async () => {
		const server = createServer().listen(0, '127.0.0.1');
		await once(server, 'listening');
		const door = new WebSocketServer({ noServer: true });
		const gone: string[] = [];
		server.on('upgrade', (request, socket, head) => {
			door.handleUpgrade(request, socket, head, (ws) => {
				const wire = webSocketWire(ws, socket as Socket, 20);
				wire.onClose(() => gone.push(request.url ?? ''));
				wire.pause(false);
			});
		});
		const alive = await connect(server, '/alive');
		const dead = await connect(server, '/dead');
		let pings = 0;
		alive.on('ping', () => (pings += 1));
		dead.pause(); // as a network that has gone: nothing comes back
		await until('the dead one is gone', () => gone.includes('/dead'), 1_000);
		const soFar = pings;
		await until('ten pings more', () => pings > soFar + 10);
		expect(gone).toEqual(['/dead']);
		alive.terminate();
		dead.terminate();
		server.close();
	});
});

async function open(person: ApiPerson): Promise<WebSocket> {
	const ws = new WebSocket(`${syncUrl}/${incident}`, {
		headers: { Authorization: `Bearer ${person.token}` },
	});
	ws.on('error', () => undefined);
	await once(ws, 'open');
	return ws;
}

async function connect(server: Server, path: string): Promise<WebSocket> {
	const { port } = server.address() as AddressInfo;
	const ws = new WebSocket(`ws://127.0.0.1:${port}${path}`);
	await once(ws, 'open');
	return ws;
}
