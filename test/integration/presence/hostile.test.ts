import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { IncidentId } from '#core/ids.ts';
import { limits } from '#server/limits.ts';
import { TestJournal } from '../../support/journal.ts';
import { PresenceStand, type TestClient } from '../../support/presence.ts';
import { newSeed, seeded } from '../../support/random.ts';
import { until } from '../../support/until.ts';

let stand: PresenceStand;
let token: string;
let incident: IncidentId;
let bystander: TestClient;

beforeAll(async () => {
	stand = await PresenceStand.open();
	token = await stand.token('Linus');
	({ incident } = await TestJournal.declare(stand.db.sql));
	bystander = await stand.person('Ada');
	await bystander.ask('enter', { incident });
});
afterAll(() => stand[Symbol.asyncDispose]());

let places = 0;
beforeEach(() => async () => {
	// Whatever happened, others go on undisturbed: same connection, and it is answered at once.
	const place = `entry:${++places}`;
	const askedAt = performance.now();
	expect(await bystander.ask('where', { place })).toEqual({});
	expect(performance.now() - askedAt).toBeLessThan(250);
	expect(bystander.ends).toEqual([]);
	await until('it is seen', () => bystander.present.get(incident)?.[0]?.place === place);
});

/** A connection that speaks the protocol by hand: `4` before a packet makes it a message of engine.io. */
async function attacker(port = stand.port): Promise<WebSocket> {
	const url = `ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`;
	const ws = new WebSocket(url, { headers: { Authorization: `Bearer ${token}` } });
	ws.on('error', () => ws.terminate());
	await once(ws, 'open');
	return ws;
}

async function admitted(): Promise<{ ws: WebSocket; heard: string[] }> {
	const ws = await attacker();
	const heard: string[] = [];
	ws.on('message', (data: Buffer) => heard.push(data.toString()));
	ws.send('40');
	await until('it is admitted', () => heard.some((text) => text.startsWith('40')));
	return { ws, heard };
}

/** Waits until a connection ends, sooner than it would for not answering pings. */
async function ended(ws: WebSocket): Promise<void> {
	await until('the connection ends', () => ws.readyState === WebSocket.CLOSED, 4_500);
}

test('messages of any other form are refused one by one', async () => {
	const client = await stand.person('Linus');
	const forms = [null, [], 5, 'x', true, {}, [incident], { incident: null }, { incident: 5 }];
	const more = [
		{ incident: [incident] },
		{ incident, extra: 1 },
		{ incident: incident.toUpperCase() },
	];
	for (const form of [...forms, ...more]) {
		expect(await client.ask('enter', form)).toMatchObject({ error: { code: 'invalid' } });
	}
	for (const place of ['', ' ', 'x'.repeat(100), 'a b', '../..', 'entry:', '<script>', 'a\0', 7]) {
		expect(await client.ask('where', { place })).toMatchObject({ error: { code: 'invalid' } });
	}
	expect(client.socket.connected).toBe(true);
});

test('messages too many, and what is no message, are refused', async () => {
	const client = await stand.person('Linus');
	expect(await client.ask('enter', { incident }, { incident })).toHaveProperty('error');
	expect(await client.ask('enter')).toHaveProperty('error');
	expect(await client.ask('board', {})).toHaveProperty('error');
	expect(await client.ask('where', Buffer.alloc(10))).toHaveProperty('error');
	expect(await client.ask('where', { place: Buffer.alloc(10) })).toHaveProperty('error');
});

test('names of the language and of the library are no events', async () => {
	const client = await stand.person('Linus');
	const names = ['__proto__', 'constructor', 'toString', 'error', 'hasOwnProperty', 'connection'];
	for (const name of [
		...names,
		'join',
		'leave',
		'present',
		'boardChanged',
		'',
		'x'.repeat(1_000),
	]) {
		expect(await client.ask(name, { incident })).toMatchObject({ error: { code: 'unknown' } });
	}
	expect(client.socket.connected).toBe(true);
});

test('packets that no client makes end at most their own connection', async () => {
	const deep = `42["enter",${'['.repeat(20_000)}${']'.repeat(20_000)}]`;
	const packets = [
		'42',
		'42[]',
		'42[null]',
		'42["disconnect"]',
		'42["newListener"]',
		'42{}',
		'42[5]',
	];
	const more = [
		'4299999999999999999999["board"]',
		'421["error",{}]',
		'431[{}]',
		'44{"message":"x"}',
	];
	const odd = [
		'451-["enter",{"_placeholder":true,"num":0}]',
		'459999-[]',
		'45-[]',
		'4',
		'',
		'7',
		'6',
	];
	const bad = [
		'42/__proto__,["board"]',
		'40{"sid":"x"}',
		'40/admin,',
		'41',
		'2probe',
		'3',
		'5',
		deep,
	];
	for (const packet of [...packets, ...more, ...odd, ...bad]) {
		const { ws } = await admitted();
		ws.send(packet);
		ws.send(Buffer.from(packet));
		ws.send('2');
		ws.close();
		await ended(ws);
	}
});

test('a packet that is too large ends its connection', async () => {
	const { ws } = await admitted();
	ws.send(`42["where",{"place":"${'x'.repeat(limits.presenceBytes)}"}]`);
	await ended(ws);
});

test('events too many are refused, then the connection ends', async () => {
	const client = await stand.person('Linus');
	const answers: { error?: { code: string } }[] = [];
	const ask = (): void =>
		void client.socket.emit('board', (answer: { error?: { code: string } }) =>
			answers.push(answer),
		);
	for (let i = 0; i < 2 * limits.presenceEvents.burst; i++) ask();
	await until('all are answered', () => answers.length === 2 * limits.presenceEvents.burst);
	const refused = answers.filter(({ error }) => error?.code === 'tooMany');
	expect(refused.length).toBeGreaterThan(limits.presenceEvents.burst / 2);
	expect(client.ends).toEqual([]);
	for (let i = 0; i < 10 * limits.presenceEvents.burst; i++) ask();
	await until('the connection ends', () => client.ends.length > 0);
});

test('a hundred thousand events at once disturb nobody', async () => {
	const { ws } = await admitted();
	for (let i = 0; i < 100_000; i++) ws.send(`42${i}["where",{"place":"entry:${i}"}]`);
	await ended(ws);
});

test('whoever asks to be let in again and again is sent away', async () => {
	const ws = await attacker();
	for (let i = 0; i < 1_000; i++) ws.send('40');
	await ended(ws);
});

test('packets at random end at most their own connection', { timeout: 60_000 }, async () => {
	const random = seeded(newSeed('presence packets'));
	const seeds = [
		'42["enter",{"incident":"',
		'42["where",{"place":null}]',
		'451-["board",{}]',
		'40',
		'3',
	];
	for (let round = 0; round < 100; round++) {
		const { ws } = await admitted();
		for (let i = 0; i < 50; i++) {
			const bytes = Buffer.from(seeds[Math.floor(random() * seeds.length)] ?? '');
			for (let flips = 0; flips < 3; flips++) {
				bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 128);
			}
			ws.send(random() < 0.9 ? bytes.toString() : bytes);
		}
		ws.close();
		await ended(ws);
	}
});

test('a client that does not answer any more holds up no farewell', async () => {
	await using other = await PresenceStand.open();
	const ws = await attacker(other.port);
	ws.pause();
	const askedAt = performance.now();
	await other.presence[Symbol.asyncDispose]();
	await until('its wire is cut', async () => (await other.connections()) === 0);
	expect(performance.now() - askedAt).toBeLessThan(2_000);
	ws.terminate();
});

test('nobody is left over', async () => {
	await until('only who is connected is there', async () => {
		return (await stand.presence.counts([incident])).get(incident) === 1;
	});
});
