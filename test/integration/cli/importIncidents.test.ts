import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '#server/cli/muster.ts';
import { TestApi } from '../../support/api.ts';
import { testDatabaseUrl } from '../../support/database.ts';

let api: TestApi;
let folder: string;
beforeAll(async () => {
	api = await TestApi.start(await testDatabaseUrl());
	folder = await mkdtemp(path.join(tmpdir(), 'muster-import-'));
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

const fixture = path.resolve(
	import.meta.dirname,
	'../../fixtures/incidents/github-status-2022-2024.jsonl',
);

test('muster import incidents tells what would be, imports with a bar, and imports once', async () => {
	const [code, out] = await muster('import', 'incidents', fixture, '--dry-run');
	expect([code, out]).toEqual([
		0,
		[
			'399 rows of JSON lines: 399 would be imported, 0 there already, 0 wrong',
			'Severities: SEV1 1, SEV2 65, SEV3 310, SEV5 13, notSet 10',
			'Kinds: incident 389, maintenance 10',
			'Declared: 2022-03-24T19:11:00.000Z to 2024-12-20T16:18:00.000Z',
			'11 services, 2165 updates',
			'',
		].join('\n'),
	]);
	const [, imported, bar] = await muster('import', 'incidents', fixture);
	expect(imported).toContain('399 imported, 0 there already, 0 wrong');
	expect(bar).toContain(`\r[${'#'.repeat(24)}] 399 of 399\n`);
	const [, again] = await muster('import', 'incidents', fixture);
	expect(again).toContain('0 imported, 399 there already, 0 wrong');
});

test('it names each wrong row, and fails', async () => {
	const file = path.join(folder, 'a.csv');
	await writeFile(file, 'nr,title,start\n1,x,2024-01-01T00:00Z\n2,,2024-01-01T00:00Z\n3,z,soon\n');
	const columns = ['--column', 'id=nr', '--source', 'sheet'];
	const [code, out, err] = await muster('import', 'incidents', file, ...columns);
	expect([code, out.split('\n').slice(0, 5)]).toEqual([
		1,
		[
			'3 rows of CSV: 1 imported, 0 there already, 2 wrong',
			'Columns:',
			'  id = nr',
			'  title = title',
			'  declared = start',
		],
	]);
	expect(err).toContain(`${file}: Line 3: “title” is missing.\n`);
	expect(err).toContain(`${file}: Line 4: “start” is not an instant`);
	expect(err).toContain('2 of 3 rows are wrong.\n');
});

test('with --all-or-nothing a wrong row keeps all out', async () => {
	const file = path.join(folder, 'b.csv');
	await writeFile(file, 'id,title,start\n8,x,2024-01-01T00:00Z\n9,y,never\n');
	const [code, out] = await muster(
		...['import', 'incidents', file, '--source', 'sheet', '--all-or-nothing'],
	);
	expect([code, out.split('\n')[0]]).toEqual([
		1,
		'2 rows of CSV: 0 imported, 0 there already, 1 wrong',
	]);
});

test('a column that is misspelt is said in one line', async () => {
	const [code, , err] = await muster('import', 'incidents', fixture, '--column', 'begun');
	expect([code, err]).toEqual([1, expect.stringMatching(/^--column begun: write field=name/)]);
});
