import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createDocument } from '#core/incident/document.ts';
import { testDatabaseUrl } from '../support/database.ts';
import { newSeed, seeded } from '../support/random.ts';
import { historyOf, openRoom, readingOf, type TestRoom } from '../support/room.ts';
import { startMuster } from '../support/server.ts';
import { stockProvider } from '../support/stock.ts';
import { findLost, labelsIn } from '../support/typist.ts';
import { until } from '../support/until.ts';

const rounds = Number(process.env['MUSTER_KILL_ROUNDS'] ?? 5);
const editsPerSecond = 20;

it(`nothing acknowledged is lost in ${rounds} kills with the embedded store`, async () => {
	await using muster = await startMuster();
	await killAndCompare(await openRoom(muster, randomOf('embedded')), { dataDir: muster.dataDir });
});

it(`nothing acknowledged is lost in ${rounds} kills with a store elsewhere`, async () => {
	const url = await testDatabaseUrl();
	await using muster = await startMuster({ databaseUrl: url });
	await killAndCompare(await openRoom(muster, randomOf('elsewhere')), { url });
});

function randomOf(store: string): () => number {
	return seeded(newSeed(`kill, store ${store}`));
}

async function killAndCompare(
	opened: TestRoom,
	store: { url: string } | { dataDir: string },
): Promise<void> {
	using room = opened;
	const { muster, incident, people } = room;
	const doc = createDocument('follower');
	const token = people[1]?.token ?? '';
	const stock = stockProvider({ syncUrl: muster.syncUrl, incident, token, doc });
	try {
		for (let round = 0; round < rounds; round++) await killOnce(room);
		const reading = await room.agree(doc);
		expect(findLost(doc, room.typists, true)).toEqual([]);
		await muster.stop();
		const history = await historyOf(incident, store);
		expect(history.faults).toEqual([]);
		expect(readingOf(history.doc)).toEqual(reading);
	} finally {
		stock.destroy();
	}
}

async function killOnce(room: TestRoom): Promise<void> {
	const { muster, typists } = room;
	room.type(editsPerSecond);
	await pause(200 + room.random() * 600); // the moment is the chance that is tried
	await muster.kill();
	await until('everybody is cut off', () => typists.every(({ peer }) => peer.closed !== null));
	const seen = room.seen();
	await muster.restart();
	room.rest();

	using reader = await room.newReader();
	expect(findLost(reader.doc, typists)).toEqual([]);
	const kept = labelsIn(reader.doc);
	expect(seen.filter((label) => !kept.has(label))).toEqual([]);

	await room.gather();
	await room.agree(reader.doc);
	expect(findLost(reader.doc, typists, true)).toEqual([]);
}
