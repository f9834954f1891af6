import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { expectKept, expectWhole } from '../support/claims.ts';
import { labelsIn } from '../support/edits.ts';
import { callApi } from '../support/people.ts';
import { startPostgres, type OwnPostgres } from '../support/postgres.ts';
import { freezeTree } from '../support/processes.ts';
import { newSeed, seeded } from '../support/random.ts';
import { openRoom, type TestRoom } from '../support/room.ts';
import { startMuster, type Muster } from '../support/server.ts';
import { until } from '../support/until.ts';

/** One way is tried as long as is promised; the others long enough for a command to be withdrawn. */
const longOutageMs = 10_000;
const outageMs = 7_000;
const editsPerSecond = 20;

/** A way in which the store goes away; `end` brings it back. */
interface Outage {
	readonly ms: number;
	begin(postgres: OwnPostgres): Promise<void> | void;
	end(postgres: OwnPostgres): Promise<void> | void;
}

const outages: Record<string, Outage> = {
	'is cut off': { ms: outageMs, begin: ({ wire }) => wire.cut(), end: ({ wire }) => wire.open() },
	'falls silent': {
		ms: outageMs,
		begin: ({ wire }) => wire.freeze(),
		end: ({ wire }) => wire.open(),
	},
	'is stopped': {
		ms: longOutageMs,
		begin: (postgres) => postgres.stop(),
		end: (postgres) => postgres.start(),
	},
};

it.each(Object.entries(outages))(
	'people go on while the store %s, and all is saved once it is back',
	async (_, outage) => {
		await using postgres = await startPostgres();
		await using muster = await startMuster({ databaseUrl: postgres.url });
		using room = await openRoom(muster, randomOf('away'));
		await goThrough(room, {
			ms: outage.ms,
			begin: () => outage.begin(postgres),
			end: () => outage.end(postgres),
		});
		await expectSaved(room, { url: postgres.url });
	},
);

it('people go on while the embedded store is frozen, and all is saved once it is back', async () => {
	await using muster = await startMuster();
	using room = await openRoom(muster, randomOf('frozen'));
	let thaw = (): void => undefined;
	await goThrough(room, {
		ms: outageMs,
		begin: async () => {
			thaw = await freezeTree(path.join(muster.dataDir, 'postgres', 'postmaster.pid'));
		},
		end: () => thaw(),
	});
	await expectSaved(room, { dataDir: muster.dataDir });
});

it('what people saw while the store was away survives a kill in the middle of it', async () => {
	await using postgres = await startPostgres();
	await using muster = await startMuster({ databaseUrl: postgres.url });
	using room = await openRoom(muster, randomOf('killed'));
	postgres.wire.cut();
	room.type(editsPerSecond);
	await pause(2_000);
	const files = await unsavedFiles(muster);
	await muster.kill();
	await room.scattered();
	expect(files).toHaveLength(1);
	expect(room.seen().length).toBeGreaterThan(20);
	postgres.wire.open();
	await muster.restart();

	await expectKept(room);
	await room.gather();
	await expectSaved(room, { url: postgres.url });
});

function randomOf(what: string): () => number {
	return seeded(newSeed(`store ${what}`));
}

/** The store goes away under load; checks what people notice of it, then brings it back. */
async function goThrough(
	room: TestRoom,
	outage: { ms: number; begin(): unknown; end(): unknown },
): Promise<void> {
	const { typists, muster } = room;
	room.type(editsPerSecond);
	await until('everybody has typed', () => typists.every(({ peer }) => peer.acked.size > 5));
	await outage.begin();
	const end = performance.now() + outage.ms;
	await pause(1_000); // a commit that was under way may still have been acknowledged
	const acked = countAcked(room);
	const asked = performance.now();
	const refused = await callApi(muster, `POST /incidents/${room.incident}/commands`, {
		body: { type: 'setSeverity', severity: 'SEV1' },
	});
	expect(refused.status).toBe(503);
	expect(performance.now() - asked).toBeGreaterThan(4_000);
	await expectVisible(room);
	expect(countAcked(room)).toBe(acked);
	await pause(Math.max(0, end - performance.now()));
	expect(countAcked(room)).toBe(acked);

	await outage.end();
	room.rest();
	await Promise.all(typists.map(({ peer }) => peer.saved(30_000)));
}

function countAcked({ typists }: TestRoom): number {
	return typists.reduce((sum, { peer }) => sum + peer.acked.size, 0);
}

/** What somebody types now is on everybody's screen, though it is not saved. */
async function expectVisible({ typists }: TestRoom): Promise<void> {
	for (const author of typists) {
		const label = author.type('notes');
		await until(`everybody sees ${label}`, () =>
			typists.every(({ peer }) => labelsIn(peer.doc).has(label)),
		);
		expect(author.peer.acked.has(label)).toBe(false);
	}
}

/** Everything is there once, in every copy and in the journal; nothing waits in a file. */
async function expectSaved(
	room: TestRoom,
	store: { url: string } | { dataDir: string },
): Promise<void> {
	using reader = await room.newReader();
	expect((await room.agree(reader.doc)).severity).toBe(null);
	const { muster, incident } = room;
	expect(
		await callApi(muster, `POST /incidents/${incident}/commands`, {
			body: { type: 'setSeverity', severity: 'SEV2' },
		}),
	).toMatchObject({ status: 200 });
	expect((await expectWhole(room, store)).severity).toBe('SEV2');
	expect(await unsavedFiles(muster)).toEqual([]);
}

async function unsavedFiles(muster: Muster): Promise<string[]> {
	return readdir(path.join(muster.dataDir, 'unsaved')).catch(() => []);
}
