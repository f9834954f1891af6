import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestApi, type ApiPerson } from '../../support/api.ts';
import { testDatabaseUrl } from '../../support/database.ts';

let api: TestApi;
let ada: ApiPerson;
let grace: ApiPerson;
let linus: ApiPerson;
beforeAll(async () => {
	api = await TestApi.start(await testDatabaseUrl());
	ada = await api.invite('Ada');
	grace = await api.invite('Grace');
	linus = await api.invite('Linus', 'viewer');
});
afterAll(() => api[Symbol.asyncDispose]());

const utc = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const ulid = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

interface Reading {
	readonly id: string;
	readonly number: number;
	readonly timeline: readonly { id: string; kind: string; text: string; source: string }[];
}

async function readingOf(id: string | number): Promise<Reading> {
	const { body } = await api.ask(`GET /incidents/${id}`);
	return body as Reading;
}

test('a declared incident is read with its declarer as acting commander', async () => {
	const declared = await api.ask('POST /incidents', {
		token: ada.token,
		body: { title: '  checkout is down ', severity: 'SEV2' },
	});
	expect(declared.status).toBe(201);
	const { id, number } = declared.body as Reading;
	expect(declared.body).toEqual({
		id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
		number: expect.any(Number) as number,
		title: 'checkout is down',
		kind: 'incident',
		severity: 'SEV2',
		status: 'investigating',
		origin: 'live',
		declaredAt: expect.stringMatching(utc) as string,
	});
	expect(declared.headers.get('location')).toBe(`/api/v1/incidents/${id}`);
	const by = { id: ada.id, name: 'Ada' };
	const at = (declared.body as { declaredAt: string }).declaredAt;
	const { status, body } = await api.ask(`GET /incidents/${id}`, { token: grace.token });
	expect(status).toBe(200);
	expect(body).toMatchObject({
		id,
		number,
		title: 'checkout is down',
		kind: 'incident',
		origin: 'live',
		severity: 'SEV2',
		status: 'investigating',
		declaredBy: by,
		roles: {
			commander: { person: by, since: at, acting: true },
			ops: null,
			comms: null,
			scribe: null,
			deputy: null,
			liaison: null,
			expert: null,
		},
		milestones: {
			impactStarted: null,
			detected: null,
			declared: at,
			acknowledged: null,
			identified: null,
			mitigated: null,
			resolved: null,
			closed: null,
			impactEnded: null,
		},
		tasks: [],
		links: [],
		impact: '',
		theory: '',
		notes: '',
	});
	expect((body as Reading).timeline[0]).toEqual({
		id: expect.stringMatching(ulid) as string,
		kind: 'declared',
		source: 'fact',
		text: 'Incident declared by Ada',
		by,
		occurredAt: at,
		recordedAt: at,
		starred: false,
		struck: false,
	});
	expect(await readingOf(number)).toEqual(body);
});

test('numbers grow by one from incident to incident', async () => {
	const first = await readingOf(await api.declare());
	const second = await readingOf(await api.declare());
	expect(second.number).toBe(first.number + 1);
});

test('the same key declares once, however often and at once it is sent', async () => {
	const body = { title: 'checkout is down', idempotencyKey: 'declare-once' };
	const answers = await Promise.all(
		Array.from({ length: 8 }, () => api.ask('POST /incidents', { token: ada.token, body })),
	);
	answers.push(await api.ask('POST /incidents', { token: ada.token, body }));
	expect(answers.map(({ status }) => status).sort()).toEqual([...Array(8).fill(200), 201]);
	for (const answer of answers) expect(answer.body).toEqual(answers[0]?.body);
	const other = await api.ask('POST /incidents', {
		token: ada.token,
		body: { ...body, title: 'search is down' },
	});
	expect(other.status).toBe(409);
	expect(other.body).toMatchObject({ error: { code: 'conflict', field: 'idempotencyKey' } });
	const grace2 = await api.ask('POST /incidents', { token: grace.token, body });
	expect(grace2.status, 'somebody else’s key is another key').toBe(201);
});

test('a declared incident is on the board at once, with names and empty roles', async () => {
	const declared = await api.ask('POST /incidents', {
		token: ada.token,
		body: { title: 'checkout is down', kind: 'drill' },
	});
	const { id, number } = declared.body as Reading;
	const { body } = await api.ask('GET /incidents?state=open', { token: linus.token });
	const rows = (body as { incidents: { id: string }[] }).incidents;
	expect(rows.find((row) => row.id === id)).toEqual({
		id,
		number,
		title: 'checkout is down',
		kind: 'drill',
		severity: null,
		status: 'investigating',
		declaredAt: expect.stringMatching(utc) as string,
		impact: '',
		commander: { id: ada.id, name: 'Ada' },
		emptyRoles: ['ops', 'comms', 'scribe'],
		people: 0,
	});
});

test('the board’s limit is held between one and two hundred', async () => {
	await api.declare();
	await api.declare();
	for (const [limit, count] of [
		['-1', 1],
		['0', 1],
		['1', 1],
		['2', 2],
	] as const) {
		const { body } = await api.ask(`GET /incidents?limit=${limit}`);
		expect((body as { incidents: [] }).incidents, limit).toHaveLength(count);
	}
	expect((await api.ask('GET /incidents?limit=1000000000')).status).toBe(200);
});

test('what a person may do is told with the reason', async () => {
	const id = await api.declare();
	const access = async (token: string) =>
		(await api.ask(`GET /incidents/${id}/access`, { token })).body;
	expect(await access(ada.token)).toMatchObject({ read: true, edit: true, reason: null });
	expect(await access(linus.token)).toMatchObject({ read: true, edit: false });
	for (const status of ['resolved', 'closed']) {
		await api.ask(`POST /incidents/${id}/commands`, { body: { type: 'setStatus', status } });
	}
	expect(await access(ada.token)).toMatchObject({
		read: true,
		edit: false,
		reason: 'This incident is closed. Reopen it to change it.',
	});
});

test('a backfilled incident has no commander and says so in its first line', async () => {
	const { body } = await api.ask('POST /incidents', {
		token: ada.token,
		body: { title: 'checkout was down', origin: 'backfilled' },
	});
	const reading = await readingOf((body as Reading).id);
	expect(reading).toMatchObject({ origin: 'backfilled', roles: { commander: null } });
	expect(reading.timeline[0]?.text).toBe('Incident written down by Ada afterwards');
});
