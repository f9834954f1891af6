import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { IncidentId } from '#core/ids.ts';
import { roomDocumentOf } from '#core/ids.ts';
import { openDatabase, type Database } from '#server/storage/database.ts';
import { verifyStored } from '#server/history/evidence.ts';
import { TestApi, type ApiAnswer, type ApiPerson } from '../../support/api.ts';
import { testDatabaseUrl } from '../../support/database.ts';
import { derivedAnew, derivedOf, missedIn } from '../../support/derived.ts';

const fixture = readFileSync(
	path.resolve(import.meta.dirname, '../../fixtures/incidents/github-status-2022-2024.jsonl'),
	'utf8',
);

let api: TestApi;
let db: Database;
let ada: ApiPerson;
beforeAll(async () => {
	const url = await testDatabaseUrl();
	db = openDatabase({ url }, { max: 2 });
	api = await TestApi.start(url);
	await api.setUp();
	ada = await api.invite('Ada');
});
afterAll(async () => {
	await api[Symbol.asyncDispose]();
	await db[Symbol.asyncDispose]();
});

interface Came {
	readonly rows: number;
	readonly imported: number;
	readonly there: number;
	readonly wrong: number;
	readonly changed: readonly { readonly line: number; readonly number: number }[];
	readonly errors: readonly { readonly line: number; readonly field: string | null }[];
	readonly first: readonly { readonly number: number | null }[];
	readonly holds: object;
}

function send(raw: string | Uint8Array<ArrayBuffer>, query = '', headers = {}): Promise<ApiAnswer> {
	const type = { 'Content-Type': 'application/x-ndjson', ...headers };
	return api.ask(`POST /imports/incidents${query}`, { raw, headers: type });
}

async function imported(raw: string, query = ''): Promise<Came> {
	const { status, body, text } = await send(raw, query);
	expect([status, text.slice(0, 300)]).toEqual([200, expect.anything()]);
	return body as Came;
}

async function count(): Promise<number> {
	const [row] = await db.sql<[{ count: number }]>`
		select count(*)::int as count from projected_incidents`;
	return row.count;
}

function lines(...rows: readonly object[]): string {
	const row = { title: 'checkout is down', started_at: '2024-03-01T10:00:00Z', impact: 'major' };
	return rows.map((one) => JSON.stringify({ ...row, ...one })).join('\n');
}

/** The incident that was imported from this id. */
async function incidentOf(sourceId: string): Promise<IncidentId> {
	const [row] = await db.sql<{ incident: IncidentId }[]>`
		select incident from imported_incidents where source_id = ${sourceId}`;
	return row?.incident ?? expect.fail(`${sourceId} is not imported.`);
}

describe('the history of a status page', () => {
	test('is told before anything is imported', async () => {
		const before = await count();
		const came = await imported(fixture, '?dryRun=true');
		expect(came).toMatchObject({ isDryRun: true, rows: 399, imported: 399, there: 0, wrong: 0 });
		expect(came.holds).toMatchObject({
			severities: { SEV1: 1, SEV2: 65, SEV3: 310, SEV5: 13, notSet: 10 },
			kinds: { incident: 389, maintenance: 10 },
			from: '2022-03-24T19:11:00.000Z',
		});
		expect(came.first).toHaveLength(5);
		expect(came.first[0]).toEqual({
			...{ line: 1, sourceId: '9632825', number: null, title: 'Incident with Codespaces' },
			...{ kind: 'incident', severity: 'SEV3', status: 'closed', updates: 4 },
			...{ declared: '2022-03-26T01:43:00.000Z', resolved: '2022-03-26T03:35:00.000Z' },
			services: ['Codespaces'],
		});
		expect(await count()).toBe(before);
	});

	test('is imported whole, once, with its progress, and is in the lists at once', async () => {
		const before = await count();
		const accept = { Accept: 'application/x-ndjson' };
		const { status, text } = await send(fixture, '', accept);
		const told = text
			.trim()
			.split('\n')
			.map((line) => JSON.parse(line) as object);
		expect([status, told[0]]).toEqual([200, { done: 0, of: 399 }]);
		expect(told.slice(1, -1)).toContainEqual({ done: 399, of: 399 });
		expect(told.at(-1)).toMatchObject({ result: { imported: 399, there: 0, wrong: 0 } });
		expect(await count()).toBe(before + 399);
		expect(await missedIn(db.sql)).toEqual([]);
		const again = await imported(fixture);
		expect(again).toMatchObject({ imported: 0, there: 399, changed: [] });
		expect(again.first.map(({ number }) => number)).toEqual(
			expect.arrayContaining([expect.any(Number)]),
		);
		expect(await count()).toBe(before + 399);
	});

	test('reads over the API as its source tells it', async () => {
		const { body } = await api.ask(`GET /incidents/${await incidentOf('9632825')}`);
		expect(body).toMatchObject({
			title: 'Incident with Codespaces',
			kind: 'incident',
			origin: 'imported',
			severity: 'SEV3',
			status: 'closed',
			services: ['Codespaces'],
			milestones: {
				declared: '2022-03-26T01:43:00.000Z',
				resolved: '2022-03-26T03:35:00.000Z',
				closed: '2022-03-26T03:35:00.000Z',
				acknowledged: null,
				impactStarted: null,
			},
			links: [{ url: 'https://www.githubstatus.com/incidents/5jfkz8q1mlql' }],
		});
		const { timeline } = body as { timeline: { source: string; text: string }[] };
		expect(timeline.filter(({ source }) => source === 'entry').map(({ text }) => text)[0]).toBe(
			'Investigating: We are investigating reports of degraded performance for Codespaces.',
		);
		const { status } = await api.ask(`POST /incidents/${await incidentOf('9632825')}/entries`, {
			body: { text: 'too late' },
		});
		expect(status).toBe(409);
	});

	test('is what a persister would have made of its journal, and verifies', async () => {
		for (const id of ['9632825', '9630129']) {
			const incident = await incidentOf(id);
			const made = await derivedOf(db.sql, incident);
			const { rows, snapshots } = made as { rows: Record<string, object[]>; snapshots: object[] };
			expect([rows['projected_incidents']?.length, snapshots.length]).toEqual([1, 1]);
			const verdict = await verifyStored(db.sql, roomDocumentOf(incident), []);
			expect(verdict).toMatchObject({ verdict: 'consistent', turns: 1 });
			expect(await derivedAnew(db, incident)).toEqual(made);
		}
	});

	test('counts in the figures', async () => {
		const [row] = await db.sql<[{ count: number; mean: number }]>`
			select count(*)::int as count, round(avg(ttr_resolve) / 60000.0, 2)::float8 as mean
			from projected_measures where kind = 'incident' and ttr_resolve >= 0
				and incident in (select incident from imported_incidents
					where source = 'www.githubstatus.com')`;
		expect(row).toEqual({ count: 385, mean: 105.74 });
	});
});

describe('a file of incidents', () => {
	const source = '?source=a';

	test('with wrong rows brings the good ones, and names line and field of the others', async () => {
		const text = lines({ id: 'g1' }, { id: 'g2', impact: 'awful' }, { id: 'g3' });
		const came = await imported(text, source);
		expect(came).toMatchObject({ rows: 3, imported: 2, wrong: 1 });
		expect(came.errors).toMatchObject([{ line: 2, field: 'impact' }]);
	});

	test('brings nothing with one wrong row, if that is asked for', async () => {
		const before = await count();
		const bad = lines({ id: 'w1' }, { id: 'w2', started_at: 'yesterday' });
		const came = await imported(bad, `${source}&allOrNothing=true`);
		expect(came).toMatchObject({ imported: 0, wrong: 1 });
		expect(await count()).toBe(before);
		const good = lines({ id: 'w1' }, { id: 'w2' });
		expect(await imported(good, `${source}&allOrNothing=true`)).toMatchObject({ imported: 2 });
	});

	test('that says something else of an incident that is here changes nothing, and says so', async () => {
		await imported(lines({ id: 'c1' }), source);
		const came = await imported(lines({ id: 'c1', title: 'it was worse' }), source);
		expect(came).toMatchObject({ imported: 0, there: 0, changed: [{ line: 1, sourceId: 'c1' }] });
		expect((await api.ask(`GET /incidents/${await incidentOf('c1')}`)).body).toMatchObject({
			title: 'checkout is down',
		});
		expect(await imported(lines({ id: 'c1' }), '?source=b')).toMatchObject({ imported: 1 });
	});

	test('may hold incidents that are under way: they are on the board, and take entries', async () => {
		await imported(lines({ id: 'o1', title: 'still going on' }), source);
		const incident = await incidentOf('o1');
		const { body } = await api.ask('GET /incidents?state=open');
		const { incidents } = body as { incidents: { id: string }[] };
		expect(incidents.map(({ id }) => id)).toContain(incident);
		const path = `POST /incidents/${incident}/entries`;
		expect((await api.ask(path, { body: { text: 'we take over' } })).status).toBe(201);
	});

	test('as CSV is read by the columns that are given', async () => {
		const csv = 'key;what;begun;weight\n1;checkout;2024-03-01 10:00;P1\n';
		const query = '?source=csv&declared=begun&title=what&severity=weight&zone=%2B01:00';
		const { status, body } = await send(csv, query, { 'Content-Type': 'text/csv' });
		expect([status, body]).toMatchObject([
			200,
			{
				format: 'csv',
				imported: 1,
				columns: { id: 'key', title: 'what', declared: 'begun', severity: 'weight' },
			},
		]);
	});

	test('as CSV leaves out what is said to be in no column', async () => {
		const csv = 'id,title,started,priority\nn1,checkout,2024-03-01T10:00:00Z,High\n';
		expect(await imported(csv, '?source=csv')).toMatchObject({ imported: 0, wrong: 1 });
		expect(await imported(csv, '?source=csv&severity=')).toMatchObject({ imported: 1, wrong: 0 });
	});

	test.each([
		['?format=xml', 'format'],
		['?color=red', 'color'],
		['?zone=Paris', 'zone'],
		['?dryRun=yes', 'dryRun'],
		['?source=a&source=b', 'source'],
	])('with the question %s is refused', async (query, field) => {
		const { status, body } = await send(lines({ id: 'x' }), query);
		expect([status, body]).toMatchObject([422, { error: { code: 'invalid', field } }]);
	});

	test('that is not UTF-8 is refused with its line', async () => {
		const bytes = new Uint8Array(
			Buffer.concat([Buffer.from('id,title\n1,\ufffd\n2,'), Buffer.of(0xe9)]),
		);
		const { status, body } = await send(bytes);
		expect([status, body]).toMatchObject([
			422,
			{ error: { message: 'Line 3: this is not UTF-8.' } },
		]);
	});

	test('of more than 10 MiB is too large, also when it does not say so', async () => {
		expect((await send('x'.repeat(10 * 1024 * 1024 + 1))).status).toBe(413);
	});

	test('is for admins', async () => {
		const { status } = await api.ask('POST /imports/incidents', {
			...{ raw: fixture, token: ada.token },
			headers: { 'Content-Type': 'application/x-ndjson' },
		});
		expect(status).toBe(403);
	});

	test('that comes twice at once is imported once', async () => {
		const text = lines(...Array.from({ length: 50 }, (_, i) => ({ id: `t${i}` })));
		const answers = await Promise.all([send(text, source), send(text, source)]);
		const statuses = answers.map(({ status }) => status).sort();
		expect(statuses[0]).toBe(200);
		const [row] = await db.sql<[{ count: number }]>`
			select count(*)::int as count from imported_incidents where source_id like 't%'`;
		expect(row.count).toBe(50);
	});
});
