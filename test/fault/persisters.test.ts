import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Sql } from 'postgres';
import type { IncidentId } from '#core/ids.ts';
import { impactOf } from '#core/incident/document.ts';
import { limits } from '#server/limits.ts';
import { openDatabase, type Database } from '#server/storage/database.ts';
import { testDatabaseUrl } from '../support/database.ts';
import { derivedAnew, derivedOf, untilDerived } from '../support/derived.ts';
import { callApi } from '../support/people.ts';
import { startPersister, type PersisterProcess } from '../support/persisters.ts';
import { newSeed, seeded } from '../support/random.ts';
import { openRoom, type TestRoom } from '../support/room.ts';
import { startMuster, type Muster } from '../support/server.ts';
import type { Typist } from '../support/typist.ts';
import { until } from '../support/until.ts';

// A node leaves deriving to persisters. One of them is stopped where it waits for a lock that the
// test holds, so that what it asked for is done while it is not there to go on.

let url: string;
let db: Database;
let muster: Muster;
let room: TestRoom;

beforeAll(async () => {
	url = await testDatabaseUrl();
	db = openDatabase({ url });
	muster = await startMuster({ databaseUrl: url, env: { MUSTER_PERSISTER: 'apart' } });
});
afterAll(async () => {
	await muster[Symbol.asyncDispose]();
	await db[Symbol.asyncDispose]();
});
beforeEach(async ({ task }) => {
	room = await openRoom(muster, seeded(newSeed(task.name)));
	return () => room[Symbol.dispose]();
});

/** Where a persister is in the middle of its work. */
interface Middle {
	readonly lock: (sql: Sql) => Promise<unknown>;
	/** What brings it there. */
	readonly act: () => Promise<unknown>;
}

const middles: Record<string, Middle> = {
	'writes a projection': {
		lock: (sql) => sql`
			select from projected_incidents where incident = ${room.incident} for update`,
		act: async () => room.typists[0]?.type('entry'),
	},
	'keeps the snapshot of a closed incident': {
		lock: (sql) => sql`lock table snapshots in share mode`,
		act: close,
	},
	'keeps a checkpoint': {
		lock: (sql) => sql`lock table checkpoints in share mode`,
		act: paste,
	},
};

describe.each(Object.entries(middles))('a persister that %s', (_, middle) => {
	it('and freezes there is followed by the other; when it goes on, it spoils nothing', async () => {
		await using first = await startPersister(url);
		await beginTyping();
		await interruptAt(middle, () => first.freeze());
		await using second = await startPersister(url);
		await goOnTyping();
		await untilDerived(db.sql, room.incident, limits.claimMs + 10_000);
		first.resume();
		// No further turn: it would mend what the late one spoils.
		await expectDerived([first, second]);
	});

	it('and is killed there is followed by the other', async () => {
		await using first = await startPersister(url);
		await beginTyping();
		await interruptAt(middle, () => first.kill());
		await using second = await startPersister(url);
		await goOnTyping();
		await untilDerived(db.sql, room.incident, limits.claimMs + 10_000);
		await expectDerived([second]);
	});
});

it('boards are right within two seconds with two persisters apart, also when one freezes', async () => {
	await using first = await startPersister(url);
	await using second = await startPersister(url);
	const delays: number[] = [];
	for (let i = 0; i < 10; i++) {
		await command({ type: 'rename', title: `checkout is down, ${i}` });
		const decidedAt = performance.now();
		await untilDerived(db.sql, room.incident);
		delays.push(Math.round(performance.now() - decidedAt));
	}
	console.log(`projected after ${delays.join(', ')} ms`);
	expect(Math.max(...delays)).toBeLessThan(2_000);
	first.freeze();
	await command({ type: 'rename', title: 'checkout is up' });
	await untilDerived(db.sql, room.incident, limits.claimMs + 2_000);
	first.resume();
	await close();
	await expectDerived([first, second]);
});

async function beginTyping(): Promise<void> {
	await command({ type: 'setSeverity', severity: 'SEV1' });
	for (const typist of room.typists) for (let i = 0; i < 30; i++) typist.type();
	await room.saved();
	await untilDerived(db.sql, room.incident);
}

/** Holds a persister up in the middle of its work, does something to it there, and lets the store go on. */
async function interruptAt(middle: Middle, interrupt: () => unknown): Promise<void> {
	const { promise: released, resolve: release } = Promise.withResolvers<void>();
	const { promise: locked, resolve: lock } = Promise.withResolvers<void>();
	const holding = db.sql.begin(async (tx) => {
		await tx`set local idle_in_transaction_session_timeout = 0`;
		await middle.lock(tx as unknown as Sql);
		lock();
		await released;
	});
	await locked;
	await middle.act();
	await until('the persister waits for the lock', async () => {
		const waiting = await db.sql`
			select from pg_stat_activity
			where datname = current_database() and wait_event_type = 'Lock'`;
		return waiting.length > 0;
	});
	await interrupt();
	release();
	await holding;
}

async function goOnTyping(): Promise<void> {
	const { body } = await callApi(muster, `GET /incidents/${room.incident}`);
	if ((body as { status: string }).status === 'closed') await command({ type: 'reopen' });
	await until('everybody may write', async () => {
		for (const { peer } of room.typists) if (peer.closed) await peer.connect();
		return room.typists.every(({ peer }) => peer.closed === null);
	});
	for (const typist of room.typists) for (let i = 0; i < 30; i++) typist.type();
	await room.saved();
	await command({ type: 'setSeverity', severity: 'SEV2' });
	await close();
}

/** So much that a checkpoint is due. */
async function paste(): Promise<void> {
	const { peer } = room.typists[0] as Typist;
	peer.edit('paste', (doc) => impactOf(doc).insert(0, 'x'.repeat(limits.checkpointBytes + 1)));
	await peer.saved();
}

async function close(): Promise<void> {
	await command({ type: 'setStatus', status: 'resolved' });
	await command({ type: 'close' });
}

async function command(body: object): Promise<void> {
	const { status } = await callApi(muster, `POST /incidents/${room.incident}/commands`, { body });
	if (status !== 200) throw new Error(`${JSON.stringify(body)}: ${status}`);
}

/** What lists show, and every snapshot, is what the journal gives; each closing has one snapshot. */
async function expectDerived(persisters: readonly PersisterProcess[]): Promise<void> {
	const incident = room.incident as IncidentId;
	await untilDerived(db.sql, incident);
	for (const persister of persisters) expect(await persister.end()).toBe(0);
	const derived = await derivedOf(db.sql, incident);
	expect((derived as { snapshots: unknown[] }).snapshots.length).toBeGreaterThan(0);
	expect(derived).toEqual(await derivedAnew(db, incident));
	for (const { output } of persisters) expect(output).not.toContain('document is in quarantine');
}
