import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { createDocument, impactOf } from '#core/incident/document.ts';
import { journalBytes } from '#core/incident/history.ts';
import { encodeEdits } from '#core/incident/turn.ts';
import { Packing } from '#server/history/packing.ts';
import { createLog } from '#server/log.ts';
import { keepCheckpoint, newestCheckpoint } from '#server/storage/checkpoints.ts';
import type { Database } from '#server/storage/database.ts';
import {
	readHistory,
	readTurns,
	rewriteTurns,
	type JournalRow,
	type KeptTurn,
} from '#server/storage/history.ts';
import { findNonces, findTurn, findTurnAt, readTurnTime } from '#server/storage/places.ts';
import { passOver } from '#server/storage/quarantines.ts';
import { ada } from '../../support/record.ts';
import { testDatabase } from '../../support/database.ts';
import { TestJournal } from '../../support/journal.ts';
import { until } from '../../support/until.ts';

let db: Database;
beforeAll(async () => void (db = await testDatabase()));
afterAll(() => db[Symbol.asyncDispose]());

const log = createLog('silent');

function packing(): Packing {
	return new Packing({ sql: db.sql, log, sealedMs: 0, isEnding: () => false });
}

/** A closed incident with so many turns of somebody who types. */
async function closedJournal(turns: number): Promise<TestJournal> {
	const journal = await TestJournal.declare(db.sql);
	for (let i = 0; i < turns; i++) {
		await journal.edits((doc) => impactOf(doc).insert(0, `${i} `));
	}
	await close(journal);
	return journal;
}

async function close({ document }: TestJournal): Promise<void> {
	await db.sql`
		update documents set sealed_at = now() - interval '1 second' where id = ${document}`;
}

async function rowsOf({ document }: TestJournal, after = 0): Promise<JournalRow[]> {
	return plain(await Array.fromAsync(readTurns(db.sql, document, after)));
}

async function historyOf({ document }: TestJournal): Promise<KeptTurn[]> {
	return plain(await Array.fromAsync(readHistory(db.sql, document, 0)));
}

/** With all bytes of one kind, so that they compare. */
function plain<T>(value: T): T {
	if (value instanceof Uint8Array) return new Uint8Array(value) as T;
	if (Array.isArray(value)) return value.map(plain) as T;
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)])) as T;
}

/** How many turns are in the journal, and in each segment. */
async function placesOf({ document }: TestJournal): Promise<[number, ...number[]]> {
	const [rows] = await db.sql<[{ count: number }]>`
		select count(*)::int as count from journal where document = ${document}`;
	const segments = await db.sql<{ count: number }[]>`
		select (to_turn - from_turn + 1)::int as count from segments
		where document = ${document} order by from_turn`;
	return [rows.count, ...segments.map(({ count }) => count)];
}

describe('an incident that was closed long ago', () => {
	let journal: TestJournal;
	let rows: JournalRow[];
	let history: KeptTurn[];
	beforeAll(async () => {
		journal = await closedJournal(1_203);
		rows = await rowsOf(journal);
		history = await historyOf(journal);
		await packing().run();
	}, 60_000);

	test('is packed, and its turns are read as before, from any of them on', async () => {
		expect(await placesOf(journal)).toEqual([0, 1_000, 204]);
		expect(await rowsOf(journal)).toEqual(rows);
		expect(await historyOf(journal)).toEqual(history);
		for (const after of [1, 500, 999, 1_000, 1_001, 1_203, 1_204]) {
			expect((await rowsOf(journal, after)).map(({ turn }) => turn)).toEqual(
				rows.slice(after).map(({ turn }) => turn),
			);
		}
	});

	test('has its turns found by their nonces and instants as before', async () => {
		const nonces = rows.map(({ nonce }) => nonce);
		const found = await findNonces(db.sql, journal.document, [...nonces, crypto.randomUUID()]);
		expect(found).toEqual(new Set(nonces));
		for (const { nonce, turn, at } of [rows[0], rows[999], rows[1_000], rows[1_203]].flatMap(
			(row) => row ?? [],
		)) {
			expect(await findTurn(db.sql, journal.document, nonce)).toEqual({ turn, at });
			expect(await readTurnTime(db.sql, journal.document, turn)).toBe(at);
			expect(await findTurnAt(db.sql, journal.document, at)).toBe(turn);
		}
		expect(await findTurn(db.sql, journal.document, crypto.randomUUID())).toBeNull();
		expect(await readTurnTime(db.sql, journal.document, 1_205)).toBeNull();
		expect(await findTurnAt(db.sql, journal.document, (rows[0]?.at ?? 0) - 1)).toBe(0);
	});

	test('takes a small part of the room', async () => {
		const [row] = await db.sql<[{ bytes: number }]>`
			select sum(pg_column_size(segments.*))::int as bytes from segments
			where document = ${journal.document}`;
		expect(row.bytes).toBeLessThan(history.length * 110);
	});

	test('has the checkpoints that it had', async () => {
		const state = Y.encodeStateAsUpdateV2(journal.doc);
		await keepCheckpoint(db.sql, journal.document, { turn: 1_100, edits: 1_101, state });
		expect(await newestCheckpoint(db.sql, journal.document)).toMatchObject({
			turn: 1_100,
			at: rows[1_099]?.at,
		});
	});

	test('is reopened, goes on in the journal, and is packed again where that ended', async () => {
		const more = await journal.edits((doc) => impactOf(doc).insert(0, 'again '));
		await journal.edits((doc) => impactOf(doc).insert(0, 'and again '));
		expect(more.turn).toBe(1_205);
		const all = await rowsOf(journal);
		expect(await placesOf(journal)).toEqual([2, 1_000, 204]);
		await close(journal);
		await packing().run();
		expect(await placesOf(journal)).toEqual([0, 1_000, 204, 2]);
		expect(await rowsOf(journal)).toEqual(all);
		const doc = createDocument('follower');
		for (const { edits } of all) for (const { bytes } of edits) Y.applyUpdate(doc, bytes);
		expect(impactOf(doc).toJSON()).toBe(impactOf(journal.doc).toJSON());
	});

	test('is for Musters only that know segments', async () => {
		const [row] = await db.sql<[{ oldest: number }]>`
			select oldest from migrations where name = '0007_history'`;
		expect(row.oldest).toBe(7);
	});
});

test('several who pack at once, while others read, do no harm', async () => {
	const journal = await closedJournal(600);
	const rows = await rowsOf(journal);
	let isPacked = false;
	const packed = Promise.all([1, 2, 3].map(() => packing().run())).then(() => (isPacked = true));
	do {
		for (const after of [0, 300]) expect(await rowsOf(journal, after)).toEqual(rows.slice(after));
	} while (!isPacked);
	await packed;
	expect(await placesOf(journal)).toEqual([0, 601]);
	expect(await rowsOf(journal)).toEqual(rows);
});

test('what is packed while somebody reads it is read once', async () => {
	for (const read of [readTurns, readHistory]) {
		const journal = await closedJournal(600);
		const turns: number[] = [];
		for await (const { turn } of read(db.sql, journal.document, 0)) {
			if (turns.length === 0) await packing().run();
			turns.push(turn);
		}
		expect(turns).toEqual(Array.from({ length: 601 }, (_, i) => i + 1));
	}
});

test('an incident that is open, or was closed only now, is not packed', async () => {
	const journal = await TestJournal.declare(db.sql);
	const soon = new Packing({ sql: db.sql, log, sealedMs: 60_000, isEnding: () => false });
	await packing().run();
	await close(journal);
	await soon.run();
	expect(await placesOf(journal)).toEqual([1]);
});

const damages: readonly [string, (journal: TestJournal) => Promise<unknown>][] = [
	[
		'a turn that cannot be read',
		({ document }) =>
			db.sql`update journal set edits = '\\x09' where document = ${document} and turn = 3`,
	],
	[
		'a head that does not fit',
		({ document }) =>
			db.sql`update journal set head = sha256(head) where document = ${document} and turn = 3`,
	],
	[
		'a salt that does not fit',
		({ document }) =>
			db.sql`update journal set salt = uuid_send(gen_random_uuid())
				where document = ${document} and turn = 3`,
	],
	[
		'a turn that is missing',
		({ document }) => db.sql`delete from journal where document = ${document} and turn = 4`,
	],
	[
		'a quarantine',
		({ document }) =>
			db.sql`insert into quarantines (document, turn, why) values (${document}, 3, 'a test')`,
	],
];

test.each(damages)('an incident with %s is left as it is', async (_, damage) => {
	const journal = await closedJournal(5);
	await damage(journal);
	await packing().run();
	expect((await placesOf(journal)).slice(1)).toEqual([]);
});

test('what is rewritten while it is packed stays in the journal', async () => {
	const journal = await closedJournal(5);
	const { document } = journal;
	const locked = Promise.withResolvers<void>();
	const rewriting = db.sql.begin(async (tx) => {
		await tx`select from documents where id = ${document} for update`;
		locked.resolve();
		await until('it is being packed', async () => (await waiting(document)) === 1);
		await rewriteTurns(tx, document, new Map([[3, encodeEdits([])]]));
	});
	await locked.promise;
	await packing().run();
	await rewriting;
	expect(await placesOf(journal)).toEqual([6]);
	await packing().run();
	expect(await placesOf(journal)).toEqual([0, 6]);
	expect((await rowsOf(journal))[2]?.edits).toEqual([]);
});

async function waiting(document: string): Promise<number> {
	const rows = await db.sql`
		select from pg_stat_activity where wait_event_type = 'Lock'
		and datname = current_database() and ${document}::text is not null`;
	return rows.length;
}

test('turns are rewritten wherever they are kept: their salts go, and the chain holds', async () => {
	const journal = await closedJournal(5);
	await packing().run();
	await journal.edits((doc) => impactOf(doc).insert(0, 'after'));
	const before = await historyOf(journal);
	const bytes = encodeEdits([]);
	await db.sql.begin((tx) =>
		rewriteTurns(tx, journal.document, new Map([2, 4, 7].map((turn) => [turn, bytes]))),
	);
	const after = await historyOf(journal);
	expect(after.map(({ head }) => head)).toEqual(before.map(({ head }) => head));
	expect(after.map(({ digest }) => digest)).toEqual(before.map(({ digest }) => digest));
	const rewritten = after.filter(({ proof }) => proof.salt === null);
	expect(rewritten.map(({ turn }) => turn)).toEqual([2, 4, 7]);
	expect(rewritten.every((turn) => Buffer.compare(journalBytes(turn), bytes) === 0)).toBe(true);
	await close(journal);
	await packing().run();
	expect(await historyOf(journal)).toEqual(after);
});

test('a damaged segment is a turn that cannot be read, until its turns are passed over', async () => {
	const journal = await closedJournal(5);
	await packing().run();
	const { document } = journal;
	await db.sql`
		update segments set bytes = set_byte(bytes, 100, get_byte(bytes, 100) # 1)
		where document = ${document}`;
	await journal.edits((doc) => impactOf(doc).insert(0, 'after'));
	await expect(rowsOf(journal)).rejects.toMatchObject({ turn: 1 });
	await expect(rowsOf(journal, 3)).rejects.toMatchObject({ turn: 4 });
	await expect(historyOf(journal)).rejects.toMatchObject({ turn: 1 });
	await db.sql.begin((tx) => passOver(tx, document, { from: 1, to: 6, by: ada, why: 'a test' }));
	const rows = await rowsOf(journal);
	expect(rows.map(({ turn }) => turn)).toEqual([1, 2, 3, 4, 5, 6, 7]);
	expect(rows.slice(0, 6).every(({ edits }) => edits.length === 0)).toBe(true);
});
