import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { run } from '#server/cli/muster.ts';
import { writeHead } from '#server/history/headFile.ts';
import { openDatabase, type Database } from '#server/storage/database.ts';
import { TestApi } from '../../support/api.ts';
import { exportBundle, filesIn } from '../../support/bundles.ts';
import { emptyDatabaseUrl, testDatabaseUrl } from '../../support/database.ts';
import { TestJournal } from '../../support/journal.ts';
import { declare } from '../../support/people.ts';
import { newSeed, seeded } from '../../support/random.ts';
import { startMuster } from '../../support/server.ts';

let databaseUrl: string;
let db: Database;
let folder: string;
let journal: TestJournal;
let api: TestApi;
let number: number;
beforeAll(async () => {
	databaseUrl = await testDatabaseUrl();
	db = openDatabase({ url: databaseUrl }, { max: 2 });
	api = await TestApi.start(databaseUrl);
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
	await api[Symbol.asyncDispose]();
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
	expect(out).toBe(
		`INC-${number}: consistent, turns: 2, kept states: 0, head: ${await headAt(2)}\n`,
	);
	expect((await verify([String(number)])).out).toBe(out);
	expect((await verify([journal.incident])).out).toBe(out);
});

test('a head that was kept elsewhere says up to where it is authentic', async () => {
	const { code, out } = await verify([String(number), '--head', await headAt(1)]);
	expect(code).toBe(0);
	expect(out).toContain(`INC-${number}: authentic up to turn 1, turns: 2`);
	const other = await verify([String(number), '--head', 'ab'.repeat(32)]);
	expect(other).toMatchObject({ code: 1, err: 'One history is broken.\n' });
	expect(other.out).toContain('broken: No turn has the head that is known');
});

test('a file of published heads is compared with, and lines that are none are told', async () => {
	const head = Buffer.from(await headAt(2), 'hex');
	const { incident, document } = journal;
	const file = path.join(folder, 'heads.jsonl');
	await writeFile(
		file,
		`{"torn\n${writeHead({ document, incident, number, turn: 2, at: 0, head })}`,
	);
	const { code, out, err } = await verify([String(number), '--head', file]);
	expect([code, err]).toEqual([0, `${file}, line 1: this is no published head.\n`]);
	expect(out).toContain('authentic up to turn 2');
	await writeFile(file, writeHead({ document, incident, number, turn: 3, at: 0, head }));
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
}, 120_000);

test('a bundle is verified by its file alone, and a byte that is flipped in it is found', async () => {
	const number = await api.declare();
	const bundle = await exportBundle(api, number);
	const file = path.join(folder, 'bundle.zip');
	await writeFile(file, bundle);
	const nowhere = { DATABASE_URL: 'postgres://127.0.0.1:1/nowhere' };
	const whole = await verify([file], nowhere);
	expect(whole).toMatchObject({ code: 0, err: '' });
	expect(whole.out).toMatch(
		/^INC-\d+: consistent, turns: 1, kept states: 0, head: [0-9a-f]{64}\n$/,
	);
	const head = /head: (\w+)/.exec(whole.out)?.[1] ?? '';
	expect((await verify([file, '--head', head], nowhere)).out).toContain('authentic up to turn 1');
	const files = await filesIn(bundle);
	const random = seeded(newSeed('verify a bundle'));
	for (let round = 0; round < 30; round++) {
		const bent = Buffer.from(bundle);
		const place = Math.floor(random() * bent.length);
		bent[place] = (bent[place] ?? 0) ^ (1 << Math.floor(random() * 8));
		await writeFile(file, bent);
		const found = await verify([file], nowhere);
		// Some bits of the packing say nothing: then every file is as it was, to the last byte.
		if (found.code === 0) expect(await filesIn(bent), `byte ${place}`).toEqual(files);
		else expect(found).toMatchObject({ code: 1, err: 'This bundle is broken.\n' });
	}
	const history = bundle.indexOf('history/') + 'history/000001.bin'.length + 20;
	bundle[history] = (bundle[history] ?? 0) ^ 1;
	await writeFile(file, bundle);
	expect((await verify([file], nowhere)).out).toContain('broken at turn 1: ');
	expect(await verify([`${file}.not`])).toMatchObject({
		code: 1,
		err: `${file}.not is no incident, and no file (ENOENT).\n`,
	});
});
