import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { run } from '#server/cli/muster.ts';
import { writeHead } from '#server/history/headFile.ts';
import { openDatabase, type Database } from '#server/storage/database.ts';
import { emptyDatabaseUrl, testDatabaseUrl } from '../../support/database.ts';
import { TestJournal } from '../../support/journal.ts';
import { declare } from '../../support/people.ts';
import { startMuster } from '../../support/server.ts';

let databaseUrl: string;
let db: Database;
let folder: string;
let journal: TestJournal;
let number: number;
beforeAll(async () => {
	databaseUrl = await testDatabaseUrl();
	db = openDatabase({ url: databaseUrl }, { max: 2 });
	folder = await mkdtemp(path.join(tmpdir(), 'muster-verify-'));
});
beforeEach(async () => {
	journal = await TestJournal.declare(db.sql);
	await journal.decides({ type: 'rename', title: 'checkout is slow' });
	const [row] = await db.sql<[{ number: number }]>`
		select number from incidents where id = ${journal.incident}`;
	({ number } = row);
});
afterAll(async () => {
	await db[Symbol.asyncDispose]();
	await rm(folder, { recursive: true });
});

async function verify(args: readonly string[], env: Record<string, string> = {}) {
	let out = '';
	let err = '';
	const code = await run(['verify', ...args], {
		env: { DATABASE_URL: databaseUrl, ...env },
		write: (text) => (out += text),
		complain: (text) => (err += text),
	});
	return { code, out, err };
}

/** The head after a turn, in hex. */
async function headAt(turn: number): Promise<string> {
	const [row] = await db.sql<[{ head: string }]>`
		select encode(head, 'hex') as head from journal
		where document = ${journal.document} and turn = ${turn}`;
	return row.head;
}

function spoil(turn: number): Promise<unknown> {
	return db.sql`
		update journal set salt = uuid_send(gen_random_uuid())
		where document = ${journal.document} and turn = ${turn}`;
}

test('a history that fits itself is consistent, and never called authentic without a head', async () => {
	const { code, out, err } = await verify([`INC-${number}`]);
	expect([code, err]).toEqual([0, '']);
	expect(out).toBe(`INC-${number}: consistent, 2 turns, 0 kept states, head ${await headAt(2)}\n`);
	expect((await verify([String(number)])).out).toBe(out);
	expect((await verify([journal.incident])).out).toBe(out);
});

test('a head that was kept elsewhere says up to where it is authentic', async () => {
	const { code, out } = await verify([String(number), '--head', await headAt(1)]);
	expect(code).toBe(0);
	expect(out).toContain(`INC-${number}: authentic up to turn 1, 2 turns`);
	const other = await verify([String(number), '--head', 'ab'.repeat(32)]);
	expect(other).toMatchObject({ code: 1, err: 'One history is broken.\n' });
	expect(other.out).toContain('broken: No turn has the head that is known');
});

test('a file of published heads is compared with, and lines that are none are told', async () => {
	const head = Buffer.from(await headAt(2), 'hex');
	const { incident } = journal;
	const file = path.join(folder, 'heads.jsonl');
	await writeFile(file, `{"torn\n${writeHead({ incident, number, turn: 2, at: 0, head })}`);
	const { code, out, err } = await verify([String(number), '--head', file]);
	expect([code, err]).toEqual([0, `${file}, line 1: this is no published head.\n`]);
	expect(out).toContain('authentic up to turn 2');
	await writeFile(file, writeHead({ incident, number, turn: 3, at: 0, head }));
	expect((await verify([String(number), '--head', file])).out).toContain(
		'broken at turn 3: It is missing',
	);
	expect(await verify([String(number), '--head', `${file}.not`])).toMatchObject({
		code: 1,
		err: `${file}.not is no head of 64 hex digits, and no file (ENOENT).\n`,
	});
});

test('of all incidents those that are broken are named, and the command fails', async () => {
	await spoil(2);
	const { code, out, err } = await verify([]);
	expect([code, err]).toEqual([1, 'One history is broken.\n']);
	expect(out).toContain('INC-1: consistent');
	expect(out).toContain(
		`INC-${number}: broken at turn 2: Its edits, its salt or its digest were changed.\n`,
	);
});

test('an incident that is not there, and a store of another release, are told in a sentence', async () => {
	expect(await verify(['999'])).toEqual({ code: 1, out: '', err: 'There is no incident 999.\n' });
	expect(await verify(['1'], { DATABASE_URL: await emptyDatabaseUrl() })).toMatchObject({
		code: 1,
		err: 'Another release of Muster works on this store: use that one.\n',
	});
});

test('the embedded store is verified beside the Muster that runs on it, and without', async () => {
	await using muster = await startMuster({});
	await declare(muster);
	const beside = { DATABASE_URL: '', DATA_DIR: muster.dataDir };
	expect(await verify(['1'], beside)).toMatchObject({ code: 0, err: '' });
	await muster.stop();
	expect(await verify(['1'], beside)).toMatchObject({ code: 0, err: '' });
	await muster.restart();
	expect((await fetch(`${muster.url}/readyz`)).status).toBe(200);
}, 60_000);
