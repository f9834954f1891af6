import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDatabaseUrl } from '../support/database.ts';
import { oddPacket } from '../support/hostile/packets.ts';
import { isLarge } from '../support/large.ts';
import { declare, invite } from '../support/people.ts';
import { TestClient } from '../support/presence.ts';
import { metricOf } from '../support/process.ts';
import { newSeed, oneOf, seeded } from '../support/random.ts';
import { RawUpgrade } from '../support/rawUpgrade.ts';
import { startMuster, type Muster } from '../support/server.ts';
import { until } from '../support/until.ts';

const packets = isLarge ? 20_000 : 2_000;
const packetsEach = 20;
/** What others may wait; a busy machine takes time too. */
const answerMs = isLarge ? 250 : 2_500;

let muster: Muster;
let token: string;
let grace: TestClient;
beforeAll(async () => {
	muster = await startMuster({ databaseUrl: await testDatabaseUrl() });
	token = (await invite(muster, 'linus')).token;
	const headers = { Authorization: `Bearer ${(await invite(muster, 'grace')).token}` };
	grace = new TestClient(Number(new URL(muster.url).port), headers, {});
	await grace.connected();
	await grace.ask('enter', { incident: await declare(muster) });
});
afterAll(async () => {
	grace.socket.disconnect();
	await muster[Symbol.asyncDispose]();
});

it(`${packets} packets at random end at most their own connection`, async () => {
	const random = seeded(newSeed('presence packets'));
	const waits: number[] = [];
	let askedAt = 0;
	for (let sent = 0; sent < packets; sent += packetsEach) {
		using wire = await RawUpgrade.open(muster, '/socket.io/?EIO=4&transport=websocket', token);
		if (random() < 0.8) wire.send({ opcode: 1, payload: '40' });
		for (let i = 0; i < packetsEach; i++) {
			const packet = oddPacket(random);
			wire.send({ opcode: typeof packet === 'string' ? 1 : 2, payload: packet });
		}
		const at = performance.now();
		if (at - askedAt < 100) continue; // she may not ask too often either
		askedAt = at;
		expect(await grace.ask('where', { place: 'notes' })).toEqual({});
		waits.push(performance.now() - at);
	}
	expect(grace.ends).toEqual([]);
	expect(Math.max(...waits)).toBeLessThan(answerMs);
	console.log(`${packets} packets: others waited ${Math.max(...waits).toFixed(0)} ms at most`);
	await until('nobody is left over', async () => (await metricOf(muster, 'muster_visitors')) === 1);
	expect(muster.output).not.toMatch(/"level":"(error|fatal)"/);
});

it('requests at random at the door of presence are refused one by one', async () => {
	const random = seeded(newSeed('presence requests'));
	const pick = () => oneOf(['', '3', '4', '-1', 'x'.repeat(200), '%00', '[]', '__proto__'], random);
	const statuses = new Set<number>();
	for (let i = 0; i < packets / 20; i++) {
		const transport = oneOf(['polling', 'websocket', 'webtransport', pick()], random);
		const query = `EIO=${pick()}&transport=${transport}&sid=${pick()}&t=${pick()}`;
		const method = oneOf(['GET', 'POST', 'PUT', 'OPTIONS'], random);
		const response = await fetch(`${muster.url}/socket.io/?${query}`, {
			method,
			headers: { Authorization: `Bearer ${token}` },
			...(method !== 'GET' && method !== 'OPTIONS' && { body: pick() }),
		});
		await response.text();
		statuses.add(response.status);
	}
	expect([...statuses].filter((status) => status < 400 || status >= 500)).toEqual([]);
	expect(grace.ends).toEqual([]);
});
