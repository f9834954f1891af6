import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PersonId } from '#core/ids.ts';
import { bundleFiles } from '#core/review/export/bundleFiles.ts';
import { TestApi, type ApiPerson } from '../../support/api.ts';
import { exportBundle, filesIn, historyIn, manifestIn, textIn } from '../../support/bundles.ts';
import { testDatabaseUrl } from '../../support/database.ts';

let api: TestApi;
let ada: ApiPerson;
let vera: ApiPerson;
let incident: string;
let number: number;

beforeAll(async () => {
	api = await TestApi.start(await testDatabaseUrl());
	await api.setUp();
	ada = await api.invite('Ada');
	vera = await api.invite('Vera', 'viewer');
	incident = await api.declare('checkout is down; really, "down"');
	const as = { token: ada.token };
	await api.ask(`POST /incidents/${incident}/entries`, {
		...as,
		body: { text: '=1+1 pool is at 60/60', kind: 'finding' },
	});
	const command = (body: object) =>
		api.ask(`POST /incidents/${incident}/commands`, { ...as, body });
	await command({ type: 'assignRole', role: 'ops', person: vera.id });
	await command({ type: 'setMilestone', milestone: 'detected', at: '2026-11-24T02:13:00Z' });
	number = ((await api.ask(`GET /incidents/${incident}`)).body as { number: number }).number;
});
afterAll(() => api[Symbol.asyncDispose]());

const take = (format: string, token = vera.token) =>
	api.ask(`GET /incidents/${number}/export?format=${format}`, { token });

describe('an incident is taken out', () => {
	test.each([
		['json', 'application/json'],
		['md', 'text/markdown; charset=utf-8'],
		['csv', 'text/csv; charset=utf-8'],
		['ics', 'text/calendar; charset=utf-8'],
	])('as %s, a file with a name, by whoever may read it', async (format, type) => {
		const { status, headers, text } = await take(format);
		expect([status, headers.get('content-type')]).toEqual([200, type]);
		expect(headers.get('content-disposition')).toBe(
			`attachment; filename="INC-${number}.${format}"`,
		);
		expect(text).toMatch(/checkout is down|pool is at 60/);
	});

	test('as JSON with what the API answers, and where every milestone comes from', async () => {
		const { body } = await take('json');
		const { shownAsOf: _asOf, ...reading } = (await api.ask(`GET /incidents/${incident}`))
			.body as Record<string, unknown>;
		expect(body).toMatchObject(reading);
		expect(body).toMatchObject({
			reached: expect.arrayContaining([
				expect.objectContaining({
					milestone: 'detected',
					at: '2026-11-24T02:13:00.000Z',
					by: { id: ada.id, name: 'Ada' },
				}),
			]),
		});
	});

	test('an unknown form, and an incident that is not there, are refused', async () => {
		expect((await take('exe')).status).toBe(422);
		expect((await api.ask('GET /incidents/99999/export')).status).toBe(404);
		expect((await api.ask(`GET /incidents/${number}/export`, { token: null })).status).toBe(401);
	});

	test('as a bundle that tells of its files, people and clients', async () => {
		const files = await filesIn(await exportBundle(api, number, vera.token));
		expect([...files.keys()]).toEqual([
			bundleFiles.readme,
			bundleFiles.markdown,
			bundleFiles.json,
			bundleFiles.csv,
			bundleFiles.attendance,
			'history/000001.bin',
			bundleFiles.manifest,
		]);
		const manifest = manifestIn(files);
		expect(manifest).toMatchObject({
			incident: { id: incident, number },
			source: { name: 'muster.test', url: 'http://muster.test' },
			exported: { by: 'Vera' },
			people: { [ada.id as PersonId]: 'Ada', [vera.id as PersonId]: 'Vera' },
		});
		expect(Object.keys(manifest.files)).toEqual([...files.keys()].slice(0, -1));
		expect(textIn(files, bundleFiles.csv)).toContain(`'=1+1 pool`);
		expect(textIn(files, bundleFiles.readme)).toContain(manifest.head);
	});

	test('[E2] twice with the same bytes of history, and the history does not hear of it', async () => {
		const [one, other] = [
			await filesIn(await exportBundle(api, number)),
			await filesIn(await exportBundle(api, number)),
		];
		expect(historyIn(one).length).toBe(1);
		expect(historyIn(one)).toEqual(historyIn(other));
		expect(manifestIn(one).head).toBe(manifestIn(other).head);
	});

	test('[E2] who took it out is told by the incident', async () => {
		await take('ics');
		const { head, turns } = manifestIn(await filesIn(await exportBundle(api, number)));
		const { body } = await api.ask(`GET /incidents/${number}/exports`, { token: vera.token });
		const { exports } = body as { exports: object[] };
		expect(exports.slice(0, 2)).toMatchObject([
			{ by: { name: 'Admin token' }, format: 'bundle', turn: turns, head },
			{ by: { id: vera.id, name: 'Vera' }, format: 'ics', turn: turns, head },
		]);
	});
});
