import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { createDocument, impactOf, notesOf } from '#core/incident/document.ts';
import type { FactId } from '#core/ids.ts';
import { encodeEdits } from '#core/incident/turn.ts';
import { verifyStored } from '#server/history/evidence.ts';
import type { KnownHead } from '#server/history/knownHeads.ts';
import { Packing } from '#server/history/packing.ts';
import type { Verdict } from '#server/history/verify.ts';
import { createLog } from '#server/log.ts';
import { Persister } from '#server/persister/persister.ts';
import type { Database } from '#server/storage/database.ts';
import { readHistory, rewriteTurns } from '#server/storage/history.ts';
import { headAfter } from '#server/storage/chain.ts';
import { passOver } from '#server/storage/quarantines.ts';
import { testDatabase } from '../../support/database.ts';
import { TestJournal } from '../../support/journal.ts';
import { newSeed, seeded } from '../../support/random.ts';
import { ada } from '../../support/record.ts';
import { untried } from '../../support/workbench.ts';
import { writeHistory } from '../../support/writtenHistory.ts';

let db: Database;
beforeAll(async () => void (db = await testDatabase()));
afterAll(() => db[Symbol.asyncDispose]());

const log = createLog('silent');
const random = seeded(newSeed('verify'));
const closing = [{ type: 'setStatus', status: 'resolved' }, { type: 'close' }] as const;

async function verify(
	{ document }: TestJournal,
	known: readonly KnownHead[] = [],
): Promise<Verdict> {
	const verdict = await verifyStored(db.sql, document, known);
	if (!verdict) throw new Error('There is no such document.');
	return verdict;
}

/** What was in the store after an incident was closed, packed, reopened and closed again. */
async function longJournal(): Promise<TestJournal> {
	const journal = await TestJournal.declare(db.sql);
	await work(journal, 30);
	await new Packing({ sql: db.sql, log, sealedMs: -1, isEnding: () => false }).run();
	await journal.decides({ type: 'reopen' });
	await work(journal, 20);
	return journal;
}

async function work(journal: TestJournal, turns: number): Promise<void> {
	for (let i = 0; i < turns; i++) {
		await journal.edits((doc) => impactOf(doc).insert(i, 'x'));
		if (i % 5 === 4) await journal.edits((doc) => impactOf(doc).delete(i - 1, 1));
		if (i % 15 === 7) await derive(journal);
	}
	await journal.decides(...closing);
	await derive(journal);
}

/** Derived by somebody new each time: who ends keeps a checkpoint. */
async function derive({ document }: TestJournal): Promise<void> {
	await using persister = new Persister({ db, opening: untried(db), log });
	await persister.caughtUp(document);
}

describe('a byte that is flipped', () => {
	let journal: TestJournal;
	beforeAll(async () => {
		journal = await longJournal();
		expect(await verify(journal)).toMatchObject({ verdict: 'consistent', turns: journal.turn });
	});

	/** Where a byte may be flipped: a table, its column, and what names the turn. */
	const places = [
		['journal', 'edits', 'turn'],
		['journal', 'salt', 'turn'],
		['journal', 'digest', 'turn'],
		['journal', 'head', 'turn'],
		['segments', 'bytes', 'from_turn'],
		['segments', 'sha256', 'from_turn'],
		['segments', 'head_before', 'from_turn'],
		['checkpoints', 'state', 'turn'],
		['checkpoints', 'sha256', 'turn'],
		['snapshots', 'state', 'turn'],
		['snapshots', 'sha256', 'turn'],
		['snapshots', 'head', 'turn'],
	] as const;

	test.each(places)('in %s.%s is found, and its turn named', async (table, column, turn) => {
		for (let round = 0; round < 12; round++) {
			const rows = await db.sql<{ turn: number; length: number }[]>`
				select ${db.sql(turn)} as turn, length(${db.sql(column)}) as length from ${db.sql(table)}
				where document = ${journal.document} order by 1`;
			const row = rows[Math.floor(random() * rows.length)];
			if (!row) throw new Error(`Nothing is in ${table}.`);
			const place = Math.floor(random() * row.length);
			const mask = 1 << Math.floor(random() * 8);
			const flip = () => db.sql`
				update ${db.sql(table)} set ${db.sql(column)} = set_byte(
					${db.sql(column)}, ${place}, get_byte(${db.sql(column)}, ${place}) # ${mask})
				where document = ${journal.document} and ${db.sql(turn)} = ${row.turn}`;
			await flip();
			const verdict = await verify(journal);
			await flip();
			expect(verdict, `byte ${place}, bit ${mask}`).toMatchObject({
				verdict: 'broken',
				turn: row.turn,
			});
		}
		expect(await verify(journal)).toMatchObject({ verdict: 'consistent' });
	});

	test('in the time of a turn is found, and its turn named', async () => {
		for (let round = 0; round < 12; round++) {
			const rows = await db.sql<{ turn: number }[]>`
				select turn from journal where document = ${journal.document}`;
			const turn = rows[Math.floor(random() * rows.length)]?.turn ?? 0;
			const microseconds = 2 ** Math.floor(random() * 40) * (random() < 0.5 ? -1 : 1);
			const move = (by: number) => db.sql`
				update journal set at = at + ${by}::int8 * interval '1 microsecond'
				where document = ${journal.document} and turn = ${turn}`;
			await move(microseconds);
			const verdict = await verify(journal);
			await move(-microseconds);
			expect(verdict, `${microseconds} µs`).toMatchObject({ verdict: 'broken', turn });
		}
		expect(await verify(journal)).toMatchObject({ verdict: 'consistent' });
	});

	test('in what a snapshot says is found, and its turn named', async () => {
		const [snapshot] = await db.sql<[{ turn: number; reading: string }]>`
			select turn, reading::text as reading from snapshots where document = ${journal.document}`;
		const write = (reading: string) => db.sql`
			update snapshots set reading = ${reading}::text::json
			where document = ${journal.document} and turn = ${snapshot.turn}`;
		for (let round = 0; round < 12; round++) {
			const letters = [...snapshot.reading.matchAll(/[a-z]/g)].map(({ index }) => index);
			const place = letters[Math.floor(random() * letters.length)] ?? 0;
			const { reading } = snapshot;
			await write(`${reading.slice(0, place)}X${reading.slice(place + 1)}`).catch(() => null);
			const verdict = await verify(journal);
			await write(reading);
			if (verdict.verdict === 'consistent') continue; // it would have been no JSON
			expect(verdict).toMatchObject({ verdict: 'broken', turn: snapshot.turn });
		}
	});

	test('in where the history ends is found', async () => {
		const flip = () => db.sql`
			update documents set head = set_byte(head, 7, get_byte(head, 7) # 16)
			where id = ${journal.document}`;
		await flip();
		expect(await verify(journal)).toMatchObject({ verdict: 'broken', turn: journal.turn });
		await flip();
	});
});

describe('a history that somebody changed', () => {
	test('by taking a turn out is broken there', async () => {
		const journal = await longJournal();
		const turn = journal.turn - 3;
		await db.sql`delete from journal where document = ${journal.document} and turn = ${turn}`;
		expect(await verify(journal)).toEqual({ verdict: 'broken', turn, what: 'It is missing.' });
	});

	test('by taking its end away fits itself, but not a head that is known', async () => {
		const journal = await longJournal();
		const known = await headOf(journal);
		const last = journal.turn - 2;
		await db.sql`delete from checkpoints where document = ${journal.document}`;
		await db.sql`
			delete from snapshots where document = ${journal.document} and turn > ${last}`;
		await db.sql`delete from journal where document = ${journal.document} and turn > ${last}`;
		await db.sql`
			update documents d set turn = j.turn, head = j.head from journal j
			where d.id = ${journal.document} and j.document = d.id and j.turn = ${last}`;
		expect(await verify(journal)).toMatchObject({ verdict: 'consistent', turns: last });
		expect(await verify(journal, [known])).toMatchObject({ verdict: 'broken', turn: last + 1 });
	});

	test('with all its heads made anew fits itself, but not a head that is known', async () => {
		const journal = await TestJournal.declare(db.sql);
		for (const letter of 'abcdef') {
			await journal.edits((doc) => impactOf(doc).insert(0, letter));
		}
		const before = { turn: 3, head: (await historyOf(journal))[2]?.head ?? new Uint8Array() };
		const known = await headOf(journal);
		await forge(journal, 5);
		expect(await verify(journal)).toMatchObject({ verdict: 'consistent' });
		expect(await verify(journal, [before])).toMatchObject({ verdict: 'authentic', upTo: 3 });
		expect(await verify(journal, [before, known])).toMatchObject({
			verdict: 'broken',
			turn: 7,
			what: expect.stringContaining('turns 4 to 7') as string,
		});
		expect(await verify(journal, [{ ...known, turn: null }])).toMatchObject({
			verdict: 'broken',
			turn: null,
		});
	});

	test('by destroying a salt is broken there, unless the record says that something was removed', async () => {
		const journal = await TestJournal.declare(db.sql);
		await journal.edits((doc) => impactOf(doc).insert(0, 'hunter2'));
		const { turn } = await journal.edits((doc) => impactOf(doc).insert(0, 'the password is '));
		const edits = (await historyOf(journal))[turn - 1]?.edits ?? [];
		const rewritten = new Map([[turn, encodeEdits(edits)]]);
		await db.sql.begin((tx) => rewriteTurns(tx, journal.document, rewritten));
		expect(await verify(journal)).toMatchObject({ verdict: 'broken', turn });
		await journal.records([
			{
				...{ kind: 'removed', id: 'fact' as FactId, by: ada, recordedAt: 0, occurredAt: 0 },
				...{ reason: 'a password', parts: ['impact'], turns: [[turn, turn]] },
			},
		]);
		expect(await verify(journal)).toMatchObject({ verdict: 'consistent', removed: 1 });
	});
});

test('a history that somebody has the head of is authentic up to there', async () => {
	const journal = await longJournal();
	const known = await headOf(journal);
	const { turn } = await journal.decides({ type: 'reopen' });
	expect(await verify(journal, [known])).toMatchObject({
		verdict: 'authentic',
		upTo: turn - 1,
		turns: turn,
	});
	expect(await verify(journal, [{ ...known, turn: null }])).toMatchObject({ upTo: turn - 1 });
});

test('what was there before the history went on verifies while it goes on', async () => {
	const journal = await longJournal();
	await journal.decides({ type: 'reopen' });
	let isDone = false;
	const writing = (async () => {
		while (!isDone) await journal.edits((doc) => notesOf(doc).insert(0, []));
	})();
	for (let i = 0; i < 10; i++) {
		expect(await verify(journal)).toMatchObject({ verdict: 'consistent' });
	}
	isDone = true;
	await writing;
});

test('a state that was derived in other strides than it is verified in is the same state', async () => {
	const journal = await TestJournal.declare(db.sql);
	// With this seed what is deleted in pieces stays in pieces if each turn is applied alone.
	for (const { edits } of writeHistory(140, seeded(3))) await journal.appends(edits);
	await derive(journal);
	expect(await verify(journal)).toMatchObject({ verdict: 'consistent', turns: journal.turn });
	const { document } = journal;
	const [checkpoint] = await db.sql<[{ turn: number }]>`
		select turn from checkpoints where document = ${document} order by turn limit 1`;
	const other = createDocument('follower');
	const state = Y.encodeStateAsUpdateV2(other);
	await db.sql`
		update checkpoints set state = ${state}, sha256 = sha256(${state})
		where document = ${document} and turn = ${checkpoint.turn}`;
	expect(await verify(journal)).toMatchObject({ verdict: 'broken', turn: checkpoint.turn });
});

test('turns that cannot be opened are named, until they are passed over', async () => {
	const journal = await TestJournal.declare(db.sql);
	await journal.appends([]);
	const bad = await journal.appends([
		{
			...{ kind: 'edit', person: ada, conn: '', n: 0, client: 0, receivedAt: 0 },
			bytes: Uint8Array.of(1, 2, 3),
		},
	]);
	expect(await verify(journal)).toMatchObject({ verdict: 'broken', turn: bad.turn });
	const { document } = journal;
	const passed = { from: bad.turn, to: bad.turn, by: ada, why: 'a test' };
	await db.sql.begin((tx) => passOver(tx, document, passed));
	expect(await verify(journal)).toMatchObject({ verdict: 'consistent', passed: 1 });
});

function historyOf({ document }: TestJournal) {
	return Array.fromAsync(readHistory(db.sql, document, 0));
}

async function headOf({ document }: TestJournal): Promise<{ turn: number; head: Uint8Array }> {
	const [row] = await db.sql<[{ turn: number; head: Uint8Array }]>`
		select turn, head from documents where id = ${document}`;
	return row;
}

/** As an operator would who wants to hide it: other words in a turn, and the chain made anew from there. */
async function forge(journal: TestJournal, from: number): Promise<void> {
	const { document } = journal;
	const history = await historyOf(journal);
	let head = history[from - 2]?.head ?? new Uint8Array();
	for (const turn of history.slice(from - 1)) {
		const salt = turn.proof.salt ?? new Uint8Array();
		const edits = encodeEdits(
			turn.edits.map((edit) => ({ ...edit, receivedAt: edit.receivedAt + 1 })),
		);
		const digest = createHash('sha256').update(salt).update(edits).digest();
		head = headAfter(head, { at: turn.at, digest });
		await db.sql`
			update journal set edits = ${edits}, digest = ${digest}, head = ${head}
			where document = ${document} and turn = ${turn.turn}`;
	}
	await db.sql`update documents set head = ${head} where id = ${document}`;
}
