import { setTimeout as pause } from 'node:timers/promises';
import { beforeEach, expect, it } from 'vitest';
import { theoryOf } from '#core/incident/document.ts';
import { expectKept, expectWhole } from '../support/claims.ts';
import { labelsIn } from '../support/edits.ts';
import { startPostgres } from '../support/postgres.ts';
import { newSeed, seeded } from '../support/random.ts';
import { openRoom, type TestRoom } from '../support/room.ts';
import { startMuster, type Muster } from '../support/server.ts';
import { SmallDisk } from '../support/smallDisk.ts';
import { until } from '../support/until.ts';

const resumedMs = 5_000;
const kib = 1_024;

let random: () => number;
beforeEach(({ task }) => {
	random = seeded(newSeed(task.name));
});

it('while the disk of the embedded store is full nothing is acknowledged, and soon after all is saved', async () => {
	await using disk = await SmallDisk.open(220);
	await using muster = await startMuster({ dataDir: disk.folder });
	using room = await writtenRoom(muster);
	await disk.fill();
	await useUp(room);
	const labels = everybodyTypes(room);
	await pause(2_000);
	expect(ackedOf(room, labels)).toEqual([]);

	await disk.free();
	await expectSavedSoon(room);
	await expectKept(room);
});

it('while the disk for unsaved turns is full nobody sees what could be lost, and soon after all is saved', async () => {
	await using postgres = await startPostgres();
	await using disk = await SmallDisk.open(4);
	await using muster = await startMuster({ databaseUrl: postgres.url, dataDir: disk.folder });
	using room = await writtenRoom(muster);
	await disk.fill();
	postgres.wire.cut();
	const labels = everybodyTypes(room);
	await pause(2_000);
	expect(seenOf(room, labels)).toEqual([]);
	expect(ackedOf(room, labels)).toEqual([]);

	await disk.free();
	await until('it is seen', () => seenOf(room, labels).length === labels.length, resumedMs);
	expect(ackedOf(room, labels)).toEqual([]);
	postgres.wire.open();
	await expectSavedSoon(room);
	await expectWhole(room, { url: postgres.url });
});

async function writtenRoom(muster: Muster): Promise<TestRoom> {
	const room = await openRoom(muster, random);
	everybodyTypes(room);
	await room.saved();
	return room;
}

function everybodyTypes({ typists }: TestRoom): string[] {
	return typists.map((typist) => typist.type('impact'));
}

/** The store goes on with what it has set aside for itself, until that is used up too. */
async function useUp({ typists: [ada] }: TestRoom): Promise<void> {
	const page = 'x'.repeat(100 * kib);
	for (let i = 0, isSaved = true; isSaved; i++) {
		ada?.peer.edit(`page ${i}`, (doc) => theoryOf(doc).insert(0, page));
		isSaved = await until('it is saved', () => ada?.peer.isSaved ?? false, 2_000).then(
			() => true,
			() => false,
		);
	}
}

function ackedOf({ typists }: TestRoom, labels: readonly string[]): string[] {
	return labels.filter((label) => typists.some(({ peer }) => peer.acked.has(label)));
}

/** What somebody else than its author has on the screen. */
function seenOf({ typists }: TestRoom, labels: readonly string[]): string[] {
	return labels.filter((label) =>
		typists.some(({ name, peer }) => !label.startsWith(name) && labelsIn(peer.doc).has(label)),
	);
}

async function expectSavedSoon(room: TestRoom): Promise<void> {
	const at = performance.now();
	await room.saved(resumedMs);
	console.log(`all is saved after ${(performance.now() - at).toFixed(0)} ms`);
	expect(room.typists.filter(({ peer }) => peer.closed)).toEqual([]);
}
