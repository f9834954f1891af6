import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EntryId } from '#core/ids.ts';
import { changeEntry } from '#core/incident/entries.ts';
import { run } from '#server/cli/muster.ts';
import { TestApi } from '../../support/api.ts';
import { SyncPeer } from '../../support/client.ts';
import { testDatabaseUrl } from '../../support/database.ts';
import { brokenTimelines, timelinePath } from '../../support/timelines.ts';

let api: TestApi;
let folder: string;
beforeAll(async () => {
	api = await TestApi.start(await testDatabaseUrl());
	folder = await mkdtemp(path.join(tmpdir(), 'muster-cli-'));
});
afterAll(async () => {
	await api[Symbol.asyncDispose]();
	await rm(folder, { recursive: true });
});

/** What a command line printed, and its exit code. */
interface Printed {
	readonly code: number;
	readonly out: string;
	readonly err: string;
}

async function muster(args: readonly string[], env: Record<string, string> = {}): Promise<Printed> {
	let out = '';
	let err = '';
	const code = await run(args, {
		env: { MUSTER_URL: api.url, MUSTER_TOKEN: api.adminToken, ...env },
		write: (text) => (out += text),
		complain: (text) => (err += text),
	});
	return { code, out, err };
}

async function read(id: string | number): Promise<Record<string, unknown>> {
	return (await api.ask(`GET /incidents/${id}`)).body as Record<string, unknown>;
}

async function count(): Promise<number> {
	const { body } = await api.ask('GET /incidents?state=all');
	return (body as { incidents: unknown[] }).incidents.length;
}

describe('muster declare', () => {
	test('declares an incident and prints its number and address for a script', async () => {
		const { code, out, err } = await muster(['declare', 'checkout is down', '--sev', '2']);
		expect([code, err]).toEqual([0, '']);
		const [, number = '', url] = /^INC-(\d+) (\S+)\n$/.exec(out) ?? [];
		expect(url).toBe(`${api.url}/i/${number}`);
		expect(await read(number)).toMatchObject({ title: 'checkout is down', severity: 'SEV2' });
	});

	test('can declare a drill', async () => {
		const { out } = await muster(['declare', 'what if', '--kind', 'drill']);
		expect(await read(/\d+/.exec(out)?.[0] ?? '')).toMatchObject({ kind: 'drill', severity: null });
	});

	test('tells the refusal in one line', async () => {
		const { code, out, err } = await muster(['declare', ' ']);
		expect([code, out, err]).toEqual([1, '', 'This cannot be empty.\n']);
	});
});

describe('muster log', () => {
	test('logs a line, back-dated as the composer understands it', async () => {
		const declared = await muster(['declare', 'checkout is down']);
		const number = /\d+/.exec(declared.out)?.[0] ?? '';
		const before = Date.now();
		const { code, out } = await muster([
			...['log', `INC-${number}`, 'Pool at 60/60', '--at', '~-10m'],
			...['--kind', 'finding', '--actor', 'team-db'],
		]);
		expect(code).toBe(0);
		const { timeline } = (await read(number)) as { timeline: { id: string; occurredAt: string }[] };
		const line = timeline.find(({ id }) => `${id}\n` === out);
		expect(line).toMatchObject({
			kind: 'finding',
			text: 'Pool at 60/60',
			actors: 'team-db',
			approximate: true,
		});
		const ago = before - Date.parse(line?.occurredAt ?? '');
		expect(Math.abs(ago - 10 * 60_000)).toBeLessThan(60_000);
	});

	test.each([
		[
			'a time that is none',
			['log', '1', 'x', '--at', 'noonish'],
			/^“noonish” is not a time: .*\n$/,
		],
		['an unknown incident', ['log', '99999', 'x'], /^There is no such incident\.\n$/],
		['an incident that is a path', ['log', '../people', 'x'], /^There is no such incident\.\n$/],
		['a kind of two words', ['log', '1', 'x', '--kind', 'root cause'], /^A kind is one word .*\n$/],
	])('refuses %s in one line', async (_, args, sentence) => {
		const { code, out, err } = await muster(args);
		expect([code, out]).toEqual([1, '']);
		expect(err).toMatch(sentence);
	});
});

describe('muster import timeline', () => {
	test('imports a file, prints its number, address and size, and warns of what is not taken over', async () => {
		const file = timelinePath('gitlab-2017-01-31.json');
		const { code, out, err } = await muster(['import', 'timeline', file]);
		expect(code).toBe(0);
		expect(out).toMatch(/^INC-\d+ http:\/\/127\.0\.0\.1:\d+\/i\/\d+ 33 entries\n$/);
		expect(err).toContain('“followups” (line 225)');
		expect(await read(/\d+/.exec(out)?.[0] ?? '')).toMatchObject({ status: 'resolved' });
	});

	test('imports nothing of a broken file and says which line is wrong', async () => {
		const file = path.join(folder, 'broken.json');
		const before = await count();
		for (const [, text, sentence] of brokenTimelines) {
			await writeFile(file, text);
			const { code, out, err } = await muster(['import', 'timeline', file]);
			expect([code, out]).toEqual([1, '']);
			expect(err).toMatch(/^[^\n]+\n$/);
			expect(err).toContain(`${file}: ${sentence}`);
		}
		expect(await count()).toBe(before);
	});

	test('says in one line when there is no such file, or it is no text', async () => {
		const missing = await muster(['import', 'timeline', path.join(folder, 'none.json')]);
		expect(missing).toMatchObject({
			code: 1,
			err: expect.stringMatching(/\(ENOENT\)\.\n$/) as string,
		});
		const file = path.join(folder, 'latin.json');
		await writeFile(file, Buffer.from('{"title": "\xff"}', 'latin1'));
		expect((await muster(['import', 'timeline', file])).err).toBe(`${file}: not UTF-8.\n`);
	});
});

describe('muster restore', () => {
	test('brings texts back to how they read after a turn, and says so in one line', async () => {
		const { out: declared } = await muster(['declare', 'checkout is down']);
		const number = /\d+/.exec(declared)?.[0] ?? '';
		const { out: entry } = await muster(['log', number, 'Pool at 60/60']);
		const answer = await muster(['restore', `INC-${number}`, '--turn', '2']);
		expect(answer).toEqual({ code: 0, out: 'It reads as after turn 2 already.\n', err: '' });
		await strike(number, entry.trim());
		const restored = await muster(['restore', `INC-${number}`, '--turn', '2']);
		expect([restored.code, restored.err]).toEqual([0, '']);
		expect(restored.out).toMatch(/^\S.* restored the .* and entries as of \d{4}-.* UTC\n$/);
		const { timeline } = (await read(number)) as { timeline: { id: string; struck: boolean }[] };
		expect(timeline.find(({ id }) => `${id}\n` === entry)?.struck).toBe(false);
	});

	test.each([
		['no version', [], /^Say which version: .*\n$/],
		['a turn that is not there', ['--turn', '99'], /^There is no such turn\.\n$/],
		['a deletion that nobody made', ['--before-last-deletion'], /^Nobody deleted much here .*\n$/],
	])('refuses %s in one line', async (_, args, sentence) => {
		const { out: declared } = await muster(['declare', 'checkout is down']);
		const number = /\d+/.exec(declared)?.[0] ?? '';
		const { code, out, err } = await muster(['restore', number, ...args]);
		expect([code, out]).toEqual([1, '']);
		expect(err).toMatch(sentence);
	});
});

/** Somebody strikes an entry in the room. */
async function strike(number: string, entry: string): Promise<void> {
	const { id } = (await read(number)) as { id: string };
	const syncUrl = `${api.url.replace('http', 'ws')}/sync`;
	using peer = new SyncPeer({ syncUrl, incident: id, token: api.adminToken });
	await peer.connect();
	changeEntry(peer.doc, entry as EntryId, { struck: true });
	await peer.saved();
}

describe('muster token', () => {
	test('makes a token that works, lists it, and revokes it by name', async () => {
		const { out } = await muster(['token', 'create', 'pager', '--access', 'viewer']);
		const MUSTER_TOKEN = out.trim();
		expect((await muster(['declare', 'x'], { MUSTER_TOKEN })).err).toContain('viewer');
		expect((await muster(['token', 'list'])).out).toMatch(/ viewer +\d{4}-\d\d-\d\d pager\n/);
		expect(await muster(['token', 'revoke', 'pager'])).toMatchObject({ code: 0, out: '' });
		expect((await muster(['declare', 'x'], { MUSTER_TOKEN })).code).toBe(1);
	});

	test('revokes nothing when a name is unknown or not the only one', async () => {
		expect((await muster(['token', 'revoke', 'nobody'])).err).toBe('There is no token “nobody”.\n');
		await muster(['token', 'create', 'twin']);
		await muster(['token', 'create', 'twin']);
		expect((await muster(['token', 'revoke', 'twin'])).err).toContain('use the id');
	});
});

describe('the command line', () => {
	test.each([
		['no such command', ['explode']],
		['no title', ['declare']],
		['no such severity', ['declare', 'x', '--sev', '9']],
		['no such option', ['declare', 'x', '--loud']],
		['a turn that is no number', ['restore', '1', '--turn', 'two']],
	])('answers %s with exit code 2 and no call', async (_, args) => {
		const { code, out, err } = await muster(args, { MUSTER_URL: 'http://127.0.0.1:1' });
		expect([code, out]).toEqual([2, '']);
		expect(err).toMatch(/^error: /);
	});

	test.each([
		['no token', { MUSTER_TOKEN: '' }, 'Set MUSTER_TOKEN'],
		['a token of two lines', { MUSTER_TOKEN: 'a\nb' }, 'MUSTER_TOKEN is not an API token.'],
		['an address that is none', { MUSTER_URL: 'localhost' }, 'MUSTER_URL must be'],
		['nobody at the address', { MUSTER_URL: 'http://127.0.0.1:2' }, 'cannot be reached'],
	])('says what is wrong with %s in one line', async (_, env, sentence) => {
		const { code, out, err } = await muster(['declare', 'x'], env);
		expect([code, out]).toEqual([1, '']);
		expect(err).toMatch(/^[^\n]+\n$/);
		expect(err).toContain(sentence);
	});

	test('knows when it speaks to something else', async () => {
		const stranger = createServer((_request, response) => response.end('<html>')).listen(0);
		const { port } = stranger.address() as AddressInfo;
		const { err } = await muster(['declare', 'x'], { MUSTER_URL: `http://127.0.0.1:${port}` });
		stranger.close();
		expect(err).toContain('does not answer like Muster.');
	});

	test('is there as `npm run --silent muster`', async () => {
		const env = { ...process.env, MUSTER_URL: api.url, MUSTER_TOKEN: api.adminToken };
		const args = ['run', '--silent', 'muster', '--', 'declare', 'search is slow'];
		const { promise, resolve, reject } = Promise.withResolvers<string>();
		execFile('npm', args, { env }, (error, out) => (error ? reject(error) : resolve(out)));
		expect(await promise).toMatch(/^INC-\d+ http/);
	});
});
