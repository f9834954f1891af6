import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { impactOf } from '#core/incident/document.ts';
import { expectWhole } from '../support/claims.ts';
import { testDatabaseUrl } from '../support/database.ts';
import { startPostgres } from '../support/postgres.ts';
import { seeded } from '../support/random.ts';
import { RawSocket } from '../support/rawSocket.ts';
import { openRoom } from '../support/room.ts';
import { startMuster, type Muster } from '../support/server.ts';
import { until } from '../support/until.ts';

it('who is connected when Muster stops is told in turn to come back, and nothing acknowledged is lost', async () => {
	const url = await testDatabaseUrl();
	await using muster = await startMuster({ databaseUrl: url });
	using room = await openRoom(muster, seeded(1));
	const { syncUrl, adminToken: token } = muster;
	const address = { syncUrl, incident: room.incident, token };
	const sockets: RawSocket[] = [];
	for (let i = 0; i < 100; i++) sockets.push(await RawSocket.open(address));
	room.type(20);
	await until('everybody has typed', () => room.typists.every(({ peer }) => peer.acked.size > 5));
	const { code, ms, closedAfterMs } = await stop(muster, sockets);
	console.log(`100 sockets were told in ${closedAfterMs} ms, the end came after ${ms} ms`);
	expect(code).toBe(0);
	expect(ms).toBeLessThan(10_000);
	expect(sockets.map(({ closed }) => closed?.code)).toEqual(sockets.map(() => 1012));
	expect(closedAfterMs).toBeGreaterThan(300);
	expect(closedAfterMs).toBeLessThan(3_500);
	await room.scattered();
	expect(room.typists.map(({ peer }) => peer.closed?.code)).toEqual([1012, 1012, 1012]);
	await muster.restart();
	await room.gather();
	await expectWhole(room, { url });
});

it('without anybody Muster stops at once', async () => {
	await using muster = await startMuster({ databaseUrl: await testDatabaseUrl() });
	using room = await openRoom(muster, seeded(1));
	room.typists.forEach(({ peer }) => peer[Symbol.dispose]());
	const { code, ms } = await stop(muster, []);
	console.log(`with nobody there the end came after ${ms} ms`);
	expect(code).toBe(0);
	expect(ms).toBeLessThan(2_000);
});

it('Muster ends within ten seconds though the store is silent, and what is unsaved stays in its file', async () => {
	await using postgres = await startPostgres();
	await using muster = await startMuster({ databaseUrl: postgres.url });
	using room = await openRoom(muster, seeded(1));
	postgres.wire.freeze();
	const [ada, grace] = [room.typists[0]?.peer, room.typists[1]?.peer];
	ada?.edit('unsaved', (doc) => impactOf(doc).insert(0, 'unsaved '));
	await until(
		'grace sees it',
		() => grace !== undefined && impactOf(grace.doc).toJSON() === 'unsaved ',
	);
	const { ms } = await stop(muster, []);
	console.log(`with a silent store the end came after ${ms} ms`);
	expect(ms).toBeLessThan(10_000);
	expect(await readdir(path.join(muster.dataDir, 'unsaved'))).toHaveLength(1);
	await room.scattered();
	postgres.wire.open();
	await muster.restart();
	using reader = await room.newReader();
	expect(impactOf(reader.doc).toJSON()).toBe('unsaved ');
	await room.gather();
	await expectWhole(room, { url: postgres.url });
});

/** Tells it to stop; it is not ready from then on. */
async function stop(
	muster: Muster,
	sockets: readonly RawSocket[],
): Promise<{ code: number | null; ms: number; closedAfterMs: number }> {
	const began = performance.now();
	const ended = muster.stop();
	await until('it is stopping', () => muster.output.includes('"msg":"stopping"'));
	const ready = await fetch(`${muster.url}/readyz`).then(
		({ status }) => status,
		() => 'nobody answers',
	);
	expect([503, 'nobody answers']).toContain(ready);
	await until('all are told', () => sockets.every(({ closed }) => closed));
	const closedAfterMs = Math.round(performance.now() - began);
	const code = await ended;
	return { code, ms: Math.round(performance.now() - began), closedAfterMs };
}
