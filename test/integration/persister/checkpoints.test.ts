import { afterAll, beforeAll, expect, test } from 'vitest';
import * as Y from 'yjs';
import { createDocument, impactOf, notesOf } from '#core/incident/document.ts';
import { createLog } from '#server/log.ts';
import { Follower } from '#server/persister/follower.ts';
import { Persister } from '#server/persister/persister.ts';
import { keepCheckpoint, newestCheckpoint, thinCheckpoints } from '#server/storage/checkpoints.ts';
import type { Database } from '#server/storage/database.ts';
import { readTurns } from '#server/storage/history.ts';
import { testDatabase } from '../../support/database.ts';
import { TestJournal } from '../../support/journal.ts';
import { until } from '../../support/until.ts';
import { untried } from '../../support/workbench.ts';

let db: Database;
beforeAll(async () => void (db = await testDatabase()));
afterAll(() => db[Symbol.asyncDispose]());

const log = createLog('silent');

/** The state after a turn, edit by edit from the very first. */
async function replay({ document }: TestJournal, upTo: number): Promise<Uint8Array> {
	const doc = createDocument('follower');
	for await (const { turn, edits } of readTurns(db.sql, document, 0)) {
		if (turn > upTo) break;
		for (const { bytes } of edits) Y.applyUpdate(doc, bytes);
	}
	return Y.encodeStateAsUpdateV2(doc);
}

function line(doc: Y.Doc): Y.XmlText {
	const paragraph = notesOf(doc).get(0) as Y.XmlElement;
	if (paragraph.length === 0) paragraph.insert(0, [new Y.XmlText()]);
	return paragraph.get(0) as Y.XmlText;
}

test('a checkpoint is the state that the journal gives edit by edit, byte for byte', async () => {
	const journal = await TestJournal.declare(db.sql);
	await using persister = new Persister({ db, opening: untried(db), log });
	await journal.types(700, impactOf);
	await journal.edits((doc) => line(doc).insert(0, 'bold', { bold: {} }));
	await journal.editsApart(
		(doc) => line(doc).format(1, 2, { bold: null, italic: {} }),
		(doc) => line(doc).format(0, 3, { bold: null }),
		(doc) => line(doc).format(1, 2, { italic: {} }),
	);
	persister.heard(journal.notice());
	await persister.caughtUp(journal.document);
	await journal.types(1_500, line);
	await persister.caughtUp(journal.document);
	const checkpoint = await newestCheckpoint(db.sql, journal.document);
	expect(checkpoint?.turn).toBeGreaterThan(10);
	const { turn, state } = checkpoint ?? { turn: 0, state: new Uint8Array() };
	expect(Buffer.from(state)).toEqual(Buffer.from(await replay(journal, turn)));
});

test('a checkpoint is made for every thousand edits, at the latest', async () => {
	const journal = await TestJournal.declare(db.sql);
	await using persister = new Persister({ db, opening: untried(db), log });
	await journal.types(4_000, impactOf);
	await persister.caughtUp(journal.document);
	const rows = await db.sql<{ edits: number }[]>`
		select edits from checkpoints where document = ${journal.document} order by turn`;
	const gaps = rows.map(({ edits }, i) => edits - (rows[i - 1]?.edits ?? 0));
	expect(rows.length).toBeGreaterThanOrEqual(3);
	expect(Math.max(...gaps)).toBeLessThan(1_600); // a block of turns is not torn
});

test('a large paste makes a checkpoint by its size', async () => {
	const journal = await TestJournal.declare(db.sql);
	await using persister = new Persister({ db, opening: untried(db), log });
	await journal.edits((doc) => impactOf(doc).insert(0, 'x'.repeat(300 * 1024)));
	persister.heard(journal.notice());
	await persister.caughtUp(journal.document);
	expect(await newestCheckpoint(db.sql, journal.document)).toMatchObject({ turn: journal.turn });
});

test('a room that is let go leaves a checkpoint of its very last turn', async () => {
	const journal = await TestJournal.declare(db.sql);
	await using persister = new Persister({ db, opening: untried(db), log });
	await journal.edits((doc) => impactOf(doc).insert(0, 'nobody can pay'));
	await persister.caughtUp(journal.document);
	expect(await newestCheckpoint(db.sql, journal.document)).toBeNull();
	persister.unloaded(journal.document);
	await until('there is a checkpoint', async () => {
		return (await newestCheckpoint(db.sql, journal.document))?.turn === journal.turn;
	});
});

test('a damaged checkpoint is passed over, and healed by who derives it again', async () => {
	const journal = await TestJournal.declare(db.sql);
	await journal.types(20, impactOf);
	using follower = await caughtUp(journal);
	const first = follower.encode();
	await keepCheckpoint(db.sql, journal.document, first);
	await journal.types(20, impactOf);
	using later = await caughtUp(journal);
	const second = later.encode();
	await keepCheckpoint(db.sql, journal.document, second);
	await db.sql`
		update checkpoints set state = set_byte(state, 9, 255 - get_byte(state, 9))
		where document = ${journal.document} and turn = ${second.turn}`;
	expect((await newestCheckpoint(db.sql, journal.document))?.turn).toBe(first.turn);
	await keepCheckpoint(db.sql, journal.document, second);
	const healed = await newestCheckpoint(db.sql, journal.document);
	expect(Buffer.from(healed?.state ?? [])).toEqual(Buffer.from(second.state));
});

test('old checkpoints go, but one in five hundred edits and the newest three stay', async () => {
	const journal = await TestJournal.declare(db.sql);
	for (let i = 0; i < 8; i++) {
		const { turn } = await journal.edits((doc) => impactOf(doc).insert(0, '.'));
		const state = Uint8Array.of(i);
		await keepCheckpoint(db.sql, journal.document, { turn, edits: i * 200, state });
	}
	await thinCheckpoints(db.sql, journal.document);
	const rows = await db.sql<{ edits: number }[]>`
		select edits from checkpoints where document = ${journal.document} order by turn`;
	expect(rows.map(({ edits }) => edits)).toEqual([0, 600, 1_000, 1_200, 1_400]);
});

test('a turn that is not committed is not in a checkpoint, and missing in none afterwards', async () => {
	const journal = await TestJournal.declare(db.sql);
	await using persister = new Persister({ db, opening: untried(db), log });
	await journal.edits((doc) => impactOf(doc).insert(0, 'one'));
	await db.rooms.begin(async (tx) => {
		await journal.edits((doc) => impactOf(doc).insert(3, ' two'), tx as never);
		await persister.caughtUp(journal.document);
		expect(await projectedImpact(journal)).toBe('one');
	});
	await persister.caughtUp(journal.document);
	expect(await projectedImpact(journal)).toBe('one two');
});

async function projectedImpact({ incident }: TestJournal): Promise<string> {
	const [row] = await db.sql<[{ impact: string }]>`
		select impact from projected_incidents where incident = ${incident}`;
	return row.impact;
}

async function caughtUp({ document }: TestJournal): Promise<Follower> {
	const follower = Follower.open(document, await newestCheckpoint(db.sql, document));
	for await (const step of follower.advance(db.sql)) expect(step.turn).toBe(follower.turn);
	return follower;
}
