import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp } from '#server/app.ts';
import { readConfig } from '#server/config.ts';
import { createLog } from '#server/log.ts';
import { gather, type Cast } from '../../../scripts/demo/cast.ts';
import { goOn, standStill, tellPast, tellPresent, type Told } from '../../../scripts/demo/story.ts';
import { testDatabaseUrl } from '../../support/database.ts';
import { until } from '../../support/until.ts';

const stack = new AsyncDisposableStack();
let cast: Cast;
let past: Told;
let present: Told;
beforeAll(async () => {
	const dataDir = await mkdtemp(path.join(tmpdir(), 'muster-story-'));
	stack.defer(() => rm(dataDir, { recursive: true }));
	const DATABASE_URL = await testDatabaseUrl();
	const publicUrl = 'http://muster.test';
	const env = { PORT: '0', PUBLIC_URL: publicUrl, DATA_DIR: dataDir, DATABASE_URL };
	const app = await startApp({
		config: readConfig(env),
		log: createLog('silent'),
		pages: async () => (_request, _response, next) => next(),
	});
	stack.use(app);
	const place = { at: `http://127.0.0.1:${app.port}`, publicUrl };
	cast = await gather(place, app.setupLink() ?? '');
	stack.defer(() => Object.values(cast).forEach((person) => person[Symbol.dispose]()));
	past = await tellPast(cast);
	present = await tellPresent(cast);
});
afterAll(() => stack.disposeAsync());

interface Reading {
	readonly timeline: readonly { source: string; text: string; by: { name: string } | null }[];
	readonly [name: string]: unknown;
}

async function read({ id }: Told): Promise<Reading> {
	return (await cast.lena.ask(`GET /incidents/${id}`)) as Reading;
}

test('the demo has GitLab’s incident, finished', async () => {
	expect(await read(past)).toMatchObject({ status: 'resolved', origin: 'backfilled' });
});

test('the demo has an open incident with all that a room shows', async () => {
	await until('all of it is saved', async () => {
		const { timeline } = await read(present);
		return timeline.some(({ text }) => text.startsWith('Rollback started'));
	});
	expect(await read(present)).toMatchObject({
		severity: 'SEV1',
		status: 'identified',
		roles: {
			commander: { person: { name: 'Priya R' } },
			ops: { person: { name: 'Jo M' } },
			comms: null,
		},
		impact: expect.stringContaining('18 % of checkouts') as string,
		theory: expect.stringContaining('pool exhausted') as string,
		notes: expect.stringMatching(/^## What we know\n\n- Pods/) as string,
		tasks: [{ assignee: { name: 'Jo M' } }, { assignee: { name: 'Sam T' } }, { assignee: null }],
	});
	const { timeline } = await read(present);
	const lines = timeline.filter(({ source }) => source === 'entry');
	expect(new Set(lines.map(({ by }) => by?.name))).toEqual(
		new Set(['Priya R', 'Jo M', 'Sam T', 'Maya K']),
	);
});

test('people type for as long as the demo runs, and stop when it ends', async () => {
	standStill(cast);
	const ending = new AbortController();
	const playing = goOn(cast, { signal: ending.signal, keyMs: 1 });
	await until('somebody typed in the notes', async () => {
		return String((await read(present))['notes']).includes('us-east pods drain');
	});
	ending.abort();
	await expect(playing).rejects.toThrow('aborted');
});
