import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '#server/cli/muster.ts';
import { TestApi } from '../../support/api.ts';
import { filesIn, manifestIn } from '../../support/bundles.ts';
import { testDatabaseUrl } from '../../support/database.ts';

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

/** Runs a command line; gives its exit code and what it printed. */
async function muster(...args: string[]): Promise<[code: number, out: string, err: string]> {
	let out = '';
	let err = '';
	const code = await run(args, {
		env: { MUSTER_URL: api.url, MUSTER_TOKEN: api.adminToken },
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
