import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { impactOf } from '#core/incident/document.ts';
import { SyncPeer } from '../support/client.ts';
import { testDatabaseUrl } from '../support/database.ts';
import { badWires } from '../support/hostile/wires.ts';
import { isLarge } from '../support/large.ts';
import { declare, invite } from '../support/people.ts';
import { TestClient } from '../support/presence.ts';
import { metricOf } from '../support/process.ts';
import { RawUpgrade } from '../support/rawUpgrade.ts';
import { startMuster, type Muster } from '../support/server.ts';
import { until } from '../support/until.ts';

/** What others may wait; a busy machine takes time too. */
const ackMs = isLarge ? 250 : 2_500;
/** A live document notices a dead network within 24 s; presence takes 9, and lets go 30 s later. */
const silenceMs = 50_000;

let muster: Muster;
let token: string;
let incident: string;
let ada: SyncPeer;
let grace: TestClient;
let socketsBefore: number;
let most = 0;

beforeAll(async () => {
	muster = await startMuster({ databaseUrl: await testDatabaseUrl() });
	incident = await declare(muster);
	token = (await invite(muster, 'linus')).token;
	const { syncUrl } = muster;
	ada = new SyncPeer({ syncUrl, incident, token: (await invite(muster, 'ada')).token });
	await ada.connect();
	const headers = { Authorization: `Bearer ${(await invite(muster, 'grace')).token}` };
	grace = new TestClient(Number(new URL(muster.url).port), headers, {});
	await grace.connected();
	await grace.ask('enter', { incident });
	socketsBefore = await sockets();
});
afterAll(async () => {
	ada[Symbol.dispose]();
	grace.socket.disconnect();
	await muster[Symbol.asyncDispose]();
});

const doors = [
	{ door: 'live documents', open: () => openSync() },
	{ door: 'presence', open: () => openPresence() },
];
const kinds = Object.entries(badWires);

describe.each(doors)('at the door of $door', ({ open }) => {
	const loud = kinds.filter(([, { isSilent }]) => !isSilent);
	test.for(loud)(
		'%s ends its own connection and nothing else',
		{ timeout: 30_000 },
		async (kind) => {
			using wire = await open();
			kind[1].does(wire);
			const waited = await othersWait();
			await wire.ended();
			expect(wire.code).toBe(kind[1].code);
			expectOthersUndisturbed();
			expect(waited).toBeLessThan(ackMs);
		},
	);

	const silent = kinds.filter(([, { isSilent }]) => isSilent);
	test(`${silent.map(([name]) => name).join(', ')} are noticed`, { timeout: 90_000 }, async () => {
		const wires = await Promise.all(silent.map(open));
		silent.forEach(([, { does }], i) => wires[i] && does(wires[i]));
		await Promise.all(wires.map((wire) => wire.ended(silenceMs)));
		expect(await othersWait()).toBeLessThan(ackMs);
		expectOthersUndisturbed();
	});

	test('pieces of nothing by the ten thousand cost nothing', { timeout: 30_000 }, async () => {
		using wire = await open();
		wire.send({ opcode: 2, isFinal: false });
		for (let i = 0; i < 10; i++) {
			wire.send(...Array.from({ length: 1_000 }, () => ({ opcode: 0, isFinal: false })));
		}
		expect(await othersWait()).toBeLessThan(ackMs);
		expectOthersUndisturbed();
	});
});

test('no socket is left over', async () => {
	await until('all sockets are closed', async () => (await sockets()) <= socketsBefore);
	expect(await metricOf(muster, 'muster_peers')).toBe(1);
	expect(await metricOf(muster, 'muster_visitors')).toBe(1);
	expect(muster.output).not.toMatch(/"level":"(error|fatal)"/);
	console.log(`${2 * kinds.length} bad wires: others waited ${most.toFixed(0)} ms at most`);
});

function openSync(): Promise<RawUpgrade> {
	return RawUpgrade.open(muster, `/sync/${incident}?ack=1`, token);
}

async function openPresence(): Promise<RawUpgrade> {
	const wire = await RawUpgrade.open(muster, '/socket.io/?EIO=4&transport=websocket', token);
	wire.send({ opcode: 1, payload: '40' });
	await until('it is admitted', () => wire.heard > 1);
	return wire;
}

/** How long somebody else waits at most, in ms: for a keystroke to be saved, and for an answer. */
async function othersWait(): Promise<number> {
	const at = performance.now();
	ada.edit('meanwhile', (doc) => impactOf(doc).insert(0, 'x'));
	await Promise.all([ada.saved(), grace.ask('where', { place: 'notes' })]);
	const waited = performance.now() - at;
	most = Math.max(most, waited);
	return waited;
}

function expectOthersUndisturbed(): void {
	expect(muster.isRunning).toBe(true);
	expect(ada.closed).toBe(null);
	expect(grace.ends).toEqual([]);
}

/** All sockets that Muster has open, also those to its store. */
function sockets(): Promise<number> {
	return metricOf(muster, 'nodejs_active_resources{type="TCPSocketWrap"}');
}
