import { afterAll, beforeAll, expect, it } from 'vitest';
import { impactOf } from '#core/incident/document.ts';
import { startPostgres, type OwnPostgres } from '../support/postgres.ts';
import { seeded } from '../support/random.ts';
import { openRoom, type TestRoom } from '../support/room.ts';
import { startMuster, type Muster } from '../support/server.ts';
import { until } from '../support/until.ts';

let postgres: OwnPostgres;
let muster: Muster;
beforeAll(async () => {
	postgres = await startPostgres();
	muster = await startMuster({ databaseUrl: postgres.url });
});
afterAll(async () => {
	await muster[Symbol.asyncDispose]();
	await postgres[Symbol.asyncDispose]();
});

it('a room that cannot be loaded sends people away for a while, and keeps what it had', async () => {
	using room = await writtenAndClosed();
	const doc = room.typists[0]?.peer.doc;
	using ada = room.peerOf(adaOf(room), doc && { doc });
	ada.edit('offline', (doc) => impactOf(doc).insert(0, 'more '));
	postgres.wire.delayMs = 100;
	ada.open();
	await until('the door is passed', () => ada.isOpen);
	postgres.wire.cut();
	expect((await ada.ended()).code).toBe(1013);
	ada.open();
	expect((await ada.ended()).code).toBe(503);

	postgres.wire.delayMs = 0;
	postgres.wire.open();
	await until('she is let in', async () => {
		await ada.connect().catch(() => undefined);
		return ada.isOpen;
	});
	await ada.saved();
	using reader = await room.newReader();
	expect(impactOf(reader.doc).toJSON()).toBe('more checkouts fail');
});

it('what is sent before a room is loaded is neither lost nor taken twice', async () => {
	using room = await writtenAndClosed();
	using ada = room.peerOf(adaOf(room));
	postgres.wire.delayMs = 100;
	ada.open();
	await until('the door is passed', () => ada.isOpen);
	for (const word of ['three ', 'two ', 'one ']) {
		ada.edit(word, (doc) => impactOf(doc).insert(0, word));
	}
	expect(ada.isSynced).toBe(false);
	await until('the room is there', () => ada.isSynced);
	postgres.wire.delayMs = 0;
	await ada.saved();
	using reader = await room.newReader();
	const text = impactOf(reader.doc).toJSON();
	expect(text.split(/(?<=one two three )|(?=one two three )/).sort()).toEqual(
		['checkouts fail', 'one two three '].sort(),
	);
});

/** An incident with something in it that nobody has open. */
async function writtenAndClosed(): Promise<TestRoom> {
	const room = await openRoom(muster, seeded(1));
	const ada = room.typists[0]?.peer;
	ada?.edit('first', (doc) => impactOf(doc).insert(0, 'checkouts fail'));
	await ada?.saved();
	await room.agree();
	await muster.restart();
	return room;
}

function adaOf({ people }: TestRoom): { token: string } {
	return people[0] ?? { token: '' };
}
