import { expect, it } from 'vitest';
import { theoryOf } from '#core/incident/document.ts';
import { expectKept, expectWhole } from '../support/claims.ts';
import { labelsIn } from '../support/edits.ts';
import { startPostgres } from '../support/postgres.ts';
import { TestClient } from '../support/presence.ts';
import { seeded } from '../support/random.ts';
import { openRoom, type TestRoom } from '../support/room.ts';
import { startMuster } from '../support/server.ts';
import { SmallDisk } from '../support/smallDisk.ts';
import { until } from '../support/until.ts';

const kib = 1_024;

it('a disk that fills up within an unsaved turn takes nothing that people saw from a kill', async () => {
	await using postgres = await startPostgres();
	await using disk = await SmallDisk.open(4);
	await using muster = await startMuster({ databaseUrl: postgres.url, dataDir: disk.folder });
	using room = await openRoom(muster, seeded(1));
	for (const typist of room.typists) typist.type('impact');
	await room.saved();
	await disk.fill(48 * kib);
	postgres.wire.cut();
	const ada = room.typists[0];
	const first = ada?.type('impact') ?? '';
	await isSeen(room, first);
	// This one does not fit: some of it is written, then the disk is full.
	ada?.peer.edit('large', (doc) => theoryOf(doc).insert(0, 'x'.repeat(100 * kib)));
	await until('it waits for room', () => muster.output.includes('no room for what is unsaved'));
	await disk.free();
	await isSeen(room, ada?.type('impact') ?? '');
	await muster.kill();
	await room.scattered();
	postgres.wire.open();
	await muster.start();
	await expectKept(room);
	await room.gather();
	await expectWhole(room, { url: postgres.url });
});

it('while the disk for unsaved turns is full people are told within a second', async () => {
	await using postgres = await startPostgres();
	await using disk = await SmallDisk.open(4);
	await using muster = await startMuster({ databaseUrl: postgres.url, dataDir: disk.folder });
	using room = await openRoom(muster, seeded(1));
	const headers = { Authorization: `Bearer ${room.people[1]?.token ?? ''}` };
	const client = new TestClient(Number(new URL(muster.url).port), headers, {});
	let since: number | null = null;
	client.socket.on('present', (message: { unsavedSince: number | null }) => {
		since = message.unsavedSince;
	});
	await client.connected();
	await client.ask('enter', { incident: room.incident });
	for (const typist of room.typists) typist.type('impact');
	await room.saved();
	await disk.fill();
	postgres.wire.cut();
	room.typists[0]?.type('impact');
	try {
		await until('people are told', () => since !== null, 1_000);
	} finally {
		client.socket.disconnect();
		await disk.free();
		postgres.wire.open();
	}
	expect(since).not.toBe(null);
});

function isSeen({ typists }: TestRoom, label: string): Promise<void> {
	return until('it is seen', () => typists.every(({ peer }) => labelsIn(peer.doc).has(label)));
}
