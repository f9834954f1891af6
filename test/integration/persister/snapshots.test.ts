import { afterAll, beforeAll, expect, test } from 'vitest';
import * as Y from 'yjs';
import type { DocumentId, TaskId } from '#core/ids.ts';
import { createDocument, impactOf } from '#core/incident/document.ts';
import { readIncident } from '#core/incident/reading.ts';
import { writeTask } from '#core/incident/tasks.ts';
import { createLog } from '#server/log.ts';
import { Persister } from '#server/persister/persister.ts';
import { isIntact } from '#server/persister/snapshot.ts';
import { canonicalJson } from '#server/persister/storable.ts';
import { keepCheckpoint } from '#server/storage/checkpoints.ts';
import type { Database } from '#server/storage/database.ts';
import { readHead } from '#server/storage/documents.ts';
import { readTurns } from '#server/storage/history.ts';
import { readSnapshots, type Snapshot } from '#server/storage/snapshots.ts';
import { testDatabase } from '../../support/database.ts';
import { TestJournal } from '../../support/journal.ts';
import { until } from '../../support/until.ts';
import { untried } from '../../support/workbench.ts';

let db: Database;
beforeAll(async () => void (db = await testDatabase()));
afterAll(() => db[Symbol.asyncDispose]());

const log = createLog('silent');
const closing = [{ type: 'setStatus', status: 'resolved' }, { type: 'close' }] as const;

async function first(document: DocumentId): Promise<Snapshot> {
	const [snapshot] = await readSnapshots(db.sql, document);
	if (!snapshot) throw new Error('There is no snapshot.');
	return snapshot;
}

test('a closed incident has a snapshot of exactly the turn that closed it', async () => {
	const journal = await TestJournal.declare(db.sql);
	await using persister = new Persister({ db, opening: untried(db), log });
	await journal.types(150, impactOf);
	await journal.edits((doc) =>
		writeTask(doc, '01KAV00000000000000000000B' as TaskId, { title: 'a \ud800', order: 'V' }),
	);
	const { turn } = await journal.decides(...closing);
	const impact = impactOf(journal.doc).toString();
	// What follows a closing in the journal, as an edit that was under way does.
	await journal.edits((doc) => impactOf(doc).insert(0, 'late'));
	await journal.decides({ type: 'setMilestone', milestone: 'detected', at: 0 });
	await persister.caughtUp(journal.document);

	const snapshot = await first(journal.document);
	expect(snapshot.turn).toBe(turn);
	expect(isIntact(snapshot)).toBe(true);
	expect(JSON.parse(snapshot.reading)).toMatchObject({ status: 'closed', impact });
	const doc = createDocument('follower');
	Y.applyUpdateV2(doc, snapshot.state);
	expect(canonicalJson(readIncident(doc, (person) => person))).toBe(snapshot.reading);
	for await (const row of readTurns(db.sql, journal.document, turn - 1)) {
		if (row.turn === turn) expect(Buffer.from(row.head)).toEqual(Buffer.from(snapshot.head));
	}
});

test('a changed byte of a snapshot is noticed', async () => {
	const journal = await TestJournal.declare(db.sql);
	await using persister = new Persister({ db, opening: untried(db), log });
	await journal.decides(...closing);
	await persister.caughtUp(journal.document);
	const snapshot = await first(journal.document);
	const reading = snapshot.reading.replace('checkout', 'Checkout');
	expect(isIntact({ ...snapshot, reading })).toBe(false);
	expect(isIntact({ ...snapshot, state: snapshot.state.map((byte, i) => (i ? byte : 1)) })).toBe(
		false,
	);
});

test('an incident that is reopened and closed again has two snapshots', async () => {
	const journal = await TestJournal.declare(db.sql);
	await using persister = new Persister({ db, opening: untried(db), log });
	await journal.decides(...closing);
	await persister.caughtUp(journal.document);
	await journal.decides({ type: 'reopen' });
	const { turn } = await journal.decides(...closing);
	await persister.caughtUp(journal.document);
	const snapshots = await readSnapshots(db.sql, journal.document);
	expect(snapshots.map((snapshot) => snapshot.turn)).toEqual([2, turn]);
});

test('what the record of a closed incident says later stands in a further snapshot', async () => {
	const journal = await TestJournal.declare(db.sql);
	await using persister = new Persister({ db, opening: untried(db), log });
	const closed = await journal.decides(...closing);
	await persister.caughtUp(journal.document);
	const { turn } = await journal.decides({
		type: 'setMilestone',
		milestone: 'detected',
		at: 60_000,
	});
	await persister.caughtUp(journal.document);
	const snapshots = await readSnapshots(db.sql, journal.document);
	expect(snapshots.map((snapshot) => snapshot.turn)).toEqual([closed.turn, turn]);
	expect(snapshots.every(isIntact)).toBe(true);
	expect(JSON.parse(snapshots[1]?.reading ?? '')).toMatchObject({
		milestones: { detected: { at: 60_000 } },
	});
	const head = await readHead(db.sql, journal.document);
	expect(Buffer.from(snapshots[1]?.head ?? [])).toEqual(Buffer.from(head?.head ?? []));
});

test('a closed incident that Muster died over before its further snapshot has it after the next start', async () => {
	const journal = await TestJournal.declare(db.sql);
	{
		await using earlier = new Persister({ db, opening: untried(db), log });
		await journal.decides(...closing);
		await earlier.caughtUp(journal.document);
	}
	const { turn } = await journal.decides({ type: 'setMilestone', milestone: 'detected', at: 0 });
	// A checkpoint of that turn is there, so that nobody reads it again.
	const state = Y.encodeStateAsUpdateV2(journal.doc);
	await keepCheckpoint(db.sql, journal.document, { turn, edits: 4, state });
	await using persister = new Persister({ db, opening: untried(db), log });
	await persister.start();
	await until('there is a further snapshot', async () => {
		return (await readSnapshots(db.sql, journal.document)).at(-1)?.turn === turn;
	});
});

test('an incident that was closed before Muster died has its snapshot after the next start', async () => {
	const journal = await TestJournal.declare(db.sql);
	{
		await using earlier = new Persister({ db, opening: untried(db), log });
		await earlier.caughtUp(journal.document);
	}
	await journal.decides(...closing);
	await using persister = new Persister({ db, opening: untried(db), log });
	await persister.start();
	await until('there is a snapshot', async () => {
		return (await readSnapshots(db.sql, journal.document)).length === 1;
	});
});

test('nothing passes a closing whose snapshot could not be kept', async () => {
	const journal = await TestJournal.declare(db.sql);
	const { turn } = await journal.decides(...closing);
	await db.sql`alter table snapshots add constraint full_disk check (turn <> ${db.sql.unsafe(String(turn))}) not valid`;
	await using persister = new Persister({ db, opening: untried(db), log });
	await expect(persister.caughtUp(journal.document)).rejects.toThrow('full_disk');
	const passed = () => db.sql`
		select from projected_incidents where incident = ${journal.incident} and upto_turn >= ${turn}`;
	expect(await passed()).toHaveLength(0);
	await db.sql`alter table snapshots drop constraint full_disk`;
	await until('the snapshot is kept', async () => {
		return (await readSnapshots(db.sql, journal.document)).length === 1;
	});
	await until('it is projected', async () => (await passed()).length === 1);
});

test('the same incident reads the same, letter by letter, whoever derives it', async () => {
	const journal = await TestJournal.declare(db.sql);
	await journal.types(300, impactOf);
	await journal.decides(...closing);
	{
		await using persister = new Persister({ db, opening: untried(db), log });
		await persister.caughtUp(journal.document);
	}
	const before = await first(journal.document);
	await db.sql`delete from snapshots where document = ${journal.document}`;
	await db.sql`delete from checkpoints where document = ${journal.document}`;
	await using again = new Persister({ db, opening: untried(db), log });
	await again.caughtUp(journal.document);
	expect(await first(journal.document)).toEqual(before);
});
