import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '#server/cli/muster.ts';
import { TestApi } from '../../support/api.ts';
import { filesIn, manifestIn } from '../../support/bundles.ts';
import { testDatabaseUrl } from '../../support/database.ts';
import { timelinePath } from '../../support/timelines.ts';

let api: TestApi;
let folder: string;
let number: number;
beforeAll(async () => {
	api = await TestApi.start(await testDatabaseUrl());
	folder = await mkdtemp(path.join(tmpdir(), 'muster-export-'));
	const id = await api.declare();
	number = ((await api.ask(`GET /incidents/${id}`)).body as { number: number }).number;
});
afterAll(async () => {
	await api[Symbol.asyncDispose]();
	await rm(folder, { recursive: true });
});

type Printed = [code: number, out: string, err: string];

/** Runs a command line; gives its exit code and what it printed. */
async function muster(...args: string[]): Promise<Printed> {
	return musterWith({}, ...args);
}

async function musterWith(more: Record<string, string>, ...args: string[]): Promise<Printed> {
	let out = '';
	let err = '';
	const code = await run(args, {
		env: { MUSTER_URL: api.url, MUSTER_TOKEN: api.adminToken, ...more },
		write: (text) => (out += text),
		complain: (text) => (err += text),
	});
	return [code, out, err];
}

describe('muster export', () => {
	test('writes a bundle, or another form, and prints where', async () => {
		const file = path.join(folder, 'a.zip');
		expect(await muster('export', `INC-${number}`, '--out', file)).toEqual([0, `${file}\n`, '']);
		expect(manifestIn(await filesIn(await readFile(file))).incident.number).toBe(number);
		const text = path.join(folder, 'a.md');
		await muster('export', String(number), '--format', 'md', '--out', text);
		expect(await readFile(text, 'utf8')).toMatch(/^# INC-\d+ checkout is down\n/);
		expect((await readdir(folder)).sort()).toEqual(['a.md', 'a.zip']);
	});

	test('says in one line why it did not, and leaves nothing behind', async () => {
		const file = path.join(folder, 'none.zip');
		expect(await muster('export', '99999', '--out', file)).toEqual([
			1,
			'',
			'There is no such incident.\n',
		]);
		const [code, , err] = await muster('export', String(number), '--out', '/nowhere/at/all.zip');
		expect([code, err]).toEqual([1, expect.stringMatching(/^\/nowhere.* could not be written/)]);
		expect(await readdir(folder)).not.toContain('none.zip');
	});
});

describe('muster import', () => {
	test('brings a bundle into another Muster, and says whether its head is known', async () => {
		await using other = await TestApi.start(await testDatabaseUrl());
		const there = { MUSTER_URL: other.url };
		const file = path.join(folder, 'b.zip');
		await muster('export', String(number), '--out', file);
		const { head, turns } = manifestIn(await filesIn(await readFile(file)));
		expect(await musterWith(there, 'import', file, '--head', '0'.repeat(64))).toEqual([
			1,
			'',
			expect.stringMatching(/^This bundle is not taken. The head that you gave is not in its/),
		]);
		expect(await musterWith(there, 'import', file, '--head', head)).toEqual([
			0,
			`INC-1 ${other.url}/i/1 ${turns} turns, known up to turn ${turns}\n`,
			'',
		]);
		expect(await musterWith(there, 'import', file)).toEqual([
			1,
			'',
			'This incident is here already, as INC-1.\n',
		]);
	});

	test('tells timelines and bundles apart by what they hold', async () => {
		const gitlab = timelinePath('gitlab-2017-01-31.json');
		const [code, out] = await muster('import', gitlab);
		expect([code, out]).toEqual([0, expect.stringMatching(/^INC-\d+ .* 33 entries\n$/)]);
		expect((await muster('import', gitlab, '--head', '0'.repeat(64)))[2]).toMatch(/is no bundle/);
		expect((await muster('import'))[0]).toBe(2);
		const large = path.join(folder, 'large.zip');
		await writeFile(large, Buffer.concat([Buffer.from('PK'), Buffer.alloc(42 * 1024 * 1024)]));
		expect((await muster('import', large))[2]).toBe(`${large} is larger than 20 MiB.\n`);
	});
});
