import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { TestApi, type ApiPerson, type ApiAnswer } from '../../support/api.ts';
import { testDatabaseUrl } from '../../support/database.ts';

let api: TestApi;
let ada: ApiPerson;
let incident: string;
beforeAll(async () => {
	api = await TestApi.start(await testDatabaseUrl());
	ada = await api.invite('Ada');
});
beforeEach(async () => void (incident = await api.declare()));
afterAll(() => api[Symbol.asyncDispose]());

function log(body: object): Promise<ApiAnswer> {
	return api.ask(`POST /incidents/${incident}/entries`, { token: ada.token, body });
}

async function entries(): Promise<unknown[]> {
	const { body } = await api.ask(`GET /incidents/${incident}`);
	const { timeline } = body as { timeline: { source: string }[] };
	return timeline.filter(({ source }) => source === 'entry');
}

const utc = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;

test('an entry is answered as the timeline has it from then on', async () => {
	const answer = await log({
		text: 'Replica lag is 4 GB',
		kind: 'finding',
		occurredAt: '2026-11-24T02:13:00+01:00',
		endedAt: '2026-11-24T02:20:00+01:00',
		approximate: true,
		actors: 'team-db',
		starred: true,
	});
	expect(answer.status).toBe(201);
	expect(answer.body).toEqual({
		id: expect.any(String) as string,
		kind: 'finding',
		source: 'entry',
		text: 'Replica lag is 4 GB',
		by: { id: ada.id, name: 'Ada' },
		occurredAt: '2026-11-24T01:13:00.000Z',
		recordedAt: utc,
		endedAt: '2026-11-24T01:20:00.000Z',
		approximate: true,
		actors: 'team-db',
		starred: true,
		struck: false,
	});
	expect(await entries()).toEqual([answer.body]);
});

test('an entry without a time happened now and is a note', async () => {
	const before = Date.now();
	const { body } = await log({ text: 'restarted the queue' });
	const { kind, occurredAt } = body as { kind: string; occurredAt: string };
	expect(kind).toBe('note');
	expect(Date.parse(occurredAt)).toBeGreaterThanOrEqual(before);
	expect(Date.parse(occurredAt)).toBeLessThanOrEqual(Date.now());
});

test('the same key logs once and answers with the first entry', async () => {
	const body = { text: 'restarted the queue', idempotencyKey: 'once' };
	const [first, second] = await Promise.all([log(body), log(body)]);
	const third = await log(body);
	expect([first.status, second.status].sort()).toEqual([200, 201]);
	expect(third.status).toBe(200);
	expect(second.body).toEqual(first.body);
	expect(third.body).toEqual(first.body);
	expect(await entries()).toEqual([first.body]);
	expect(await log({ ...body, text: 'restarted it again' })).toMatchObject({
		status: 409,
		body: { error: { code: 'conflict', field: 'idempotencyKey' } },
	});
});

test('a key that a command used is no key for an entry', async () => {
	await api.ask(`POST /incidents/${incident}/commands`, {
		token: ada.token,
		body: { type: 'setSeverity', severity: 'SEV1', idempotencyKey: 'shared' },
	});
	expect((await log({ text: 'x', idempotencyKey: 'shared' })).status).toBe(409);
	expect(await entries()).toEqual([]);
});

test('entries stand in the order in which things happened, not in which they were logged', async () => {
	await log({ text: 'second', occurredAt: '2026-11-24T02:13:00Z' });
	await log({ text: 'first', occurredAt: '2026-11-24T01:13:00Z' });
	expect(await entries()).toMatchObject([{ text: 'first' }, { text: 'second' }]);
});

const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();

test('a time that is further ahead than clocks differ is refused', async () => {
	expect((await log({ text: 'soon', occurredAt: inMinutes(4) })).status).toBe(201);
	expect(await log({ text: 'later', occurredAt: inMinutes(6) })).toMatchObject({
		status: 422,
		body: { error: { code: 'invalid', field: 'occurredAt' } },
	});
	expect(await log({ text: 'later', endedAt: inMinutes(6) })).toMatchObject({
		status: 422,
		body: { error: { code: 'invalid', field: 'endedAt' } },
	});
	expect(await log({ text: 'ended before now', endedAt: inMinutes(-1) })).toMatchObject({
		status: 422,
		body: { error: { code: 'invalid', field: 'endedAt' } },
	});
	expect(await entries()).toHaveLength(1);
});

test.each([
	'<script>alert(1)</script>',
	'{{7*7}}',
	"'; DROP TABLE incidents; --",
	'../../etc/passwd',
	'\u202Egnp.exe',
	'👩🏽‍🚒 e\u0301\u0301\u0301',
	'=1+1\r\nSet-Cookie: a=b',
	'javascript:alert(1)',
])('the text %j is kept as it is', async (text) => {
	const { status, body } = await log({ text });
	expect(status).toBe(201);
	expect(body).toMatchObject({ text });
	expect(await entries()).toMatchObject([{ text }]);
});
