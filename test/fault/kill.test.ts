import { setTimeout as pause } from 'node:timers/promises';
import { it } from 'vitest';
import { createDocument } from '#core/incident/document.ts';
import { expectKept, expectWhole } from '../support/claims.ts';
import { testDatabaseUrl } from '../support/database.ts';
import { isLarge } from '../support/large.ts';
import { newSeed, seeded } from '../support/random.ts';
import { openRoom, type TestRoom } from '../support/room.ts';
import { startMuster, type Muster } from '../support/server.ts';
import { stockProvider } from '../support/stock.ts';
import { until } from '../support/until.ts';

/** The embedded store takes longer to come back. */
const kills = isLarge ? { embedded: 100, elsewhere: 100 } : { embedded: 6, elsewhere: 14 };
/** After so many, a room is left for a new one. */
const killsPerRoom = 10;
const ackedPerKill = 100;
const editsPerSecond = 30;

it(`nothing acknowledged is lost in ${kills.embedded} kills with the embedded store`, async () => {
	await using muster = await startMuster();
	await killAndCompare(muster, { dataDir: muster.dataDir }, kills.embedded);
});

it(`nothing acknowledged is lost in ${kills.elsewhere} kills with a store elsewhere`, async () => {
	const url = await testDatabaseUrl();
	await using muster = await startMuster({ databaseUrl: url });
	await killAndCompare(muster, { url }, kills.elsewhere);
});

async function killAndCompare(
	muster: Muster,
	store: { url: string } | { dataDir: string },
	rounds: number,
): Promise<void> {
	const random = seeded(newSeed(`kill, store ${'url' in store ? 'elsewhere' : 'embedded'}`));
	for (let done = 0; done < rounds; done += killsPerRoom) {
		if (done > 0) await muster.restart();
		using room = await openRoom(muster, random);
		const doc = createDocument('follower');
		const token = room.people[1]?.token ?? '';
		const options = { syncUrl: muster.syncUrl, incident: room.incident, token, doc };
		const stock = stockProvider(options);
		try {
			const inThisRoom = Math.min(killsPerRoom, rounds - done);
			for (let i = 0; i < inThisRoom; i++) await killOnce(room);
			await room.agree(doc);
		} finally {
			stock.destroy();
		}
		await expectWhole(room, store);
	}
}

async function killOnce(room: TestRoom): Promise<void> {
	const { muster } = room;
	const goal = countAcked(room) + ackedPerKill;
	room.type(editsPerSecond);
	for (const typist of room.typists) for (let i = 0; i < 20; i++) typist.type();
	await until('enough is acknowledged', () => countAcked(room) >= goal);
	await pause(room.random() * 300); // the moment is the chance that is tried
	await muster.kill();
	await room.scattered();
	await muster.restart();
	await expectKept(room);
	await room.gather();
}

function countAcked({ typists }: TestRoom): number {
	return typists.reduce((sum, { peer }) => sum + peer.acked.size, 0);
}
