import { request as httpRequest } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase, type Database } from '#server/storage/database.ts';
import { TestApi, type ApiAnswer, type ApiPerson, type ApiRequest } from '../../support/api.ts';
import { testDatabaseUrl } from '../../support/database.ts';

let api: TestApi;
let ada: ApiPerson;
let incident: string;
let before: unknown;
let db: Database;
beforeAll(async () => {
	const url = await testDatabaseUrl();
	db = openDatabase({ url }, { max: 1 });
	api = await TestApi.start(url);
	await api.setUp();
	ada = await api.invite('Ada');
	incident = await api.declare();
	before = await written();
});
afterAll(async () => {
	await api[Symbol.asyncDispose]();
	await db[Symbol.asyncDispose]();
});

/** How much was ever written. */
async function written(): Promise<unknown> {
	return db.sql`
		select (select count(*) from incidents) as incidents, (select count(*) from journal) as turns`;
}

/** Asks as ada and expects a refusal in the one shape, and that nothing was written. */
async function refused(route: string, request: ApiRequest = {}): Promise<ApiAnswer> {
	const answer = await api.ask(route, { token: ada.token, ...request });
	expect(answer.body).toEqual({
		error: {
			code: expect.any(String) as string,
			message: expect.stringMatching(/^[A-Z].*\.$/) as string,
			...((answer.body as { error?: { field?: string } }).error?.field !== undefined && {
				field: expect.any(String) as string,
			}),
			requestId: answer.headers.get('x-request-id'),
		},
	});
	expect(answer.text.length).toBeLessThan(500);
	expect(await written()).toEqual(before);
	return answer;
}

const long = 'x'.repeat(1_000_000);

test.each<[string, unknown, string | undefined]>([
	['an empty title', { title: '' }, 'title'],
	['a title of blanks', { title: ' \t\n ' }, 'title'],
	['a title of a million characters', { title: long }, 'title'],
	['a title with NUL', { title: 'a\0b' }, 'title'],
	['a lone surrogate', { title: 'a\ud800b' }, 'title'],
	['no title', {}, 'title'],
	['a number as title', { title: 7 }, 'title'],
	['null as title', { title: null }, 'title'],
	['a list as title', { title: ['a'] }, 'title'],
	['an unknown field', { title: 'a', status: 'closed' }, 'status'],
	['somebody else as declarer', { title: 'a', declaredBy: 'b' }, 'declaredBy'],
	['an unknown field with a long name', { title: 'a', [long.slice(0, 5_000)]: 1 }, 'x'.repeat(100)],
	['an unknown severity', { title: 'a', severity: 'SEV9' }, 'severity'],
	['a severity that is a number', { title: 'a', severity: 1 }, 'severity'],
	['an unknown kind', { title: 'a', kind: '__proto__' }, 'kind'],
	['an unknown origin', { title: 'a', origin: 'commander' }, 'origin'],
	['an empty key', { title: 'a', idempotencyKey: '' }, 'idempotencyKey'],
	['a long key', { title: 'a', idempotencyKey: long.slice(0, 201) }, 'idempotencyKey'],
	['a list', [], undefined],
	['a string', 'checkout is down', undefined],
	['a number', 7, undefined],
	['null', null, undefined],
])('declaring with %s is refused and names the field', async (_what, body, field) => {
	const { status, body: answer } = await refused('POST /incidents', { body });
	expect(status).toBe(422);
	const { error } = answer as { error: { code: string; field?: string } };
	expect(error.code).toBe('invalid');
	expect(error.field).toBe(field);
});

test('a field named __proto__ is as unknown as any other', async () => {
	const raw = '{"title":"a","__proto__":{"access":"admin"}}';
	const { status, body } = await refused('POST /incidents', { raw });
	expect(status).toBe(422);
	expect(body).toMatchObject({ error: { field: '__proto__' } });
});

test.each<[string, object, string]>([
	['no type', {}, 'type'],
	['an unknown type', { type: 'explode' }, 'type'],
	['a type that is a list', { type: ['close'] }, 'type'],
	['an unknown field', { type: 'close', by: 'somebody' }, 'by'],
	['no status', { type: 'setStatus' }, 'status'],
	['an unknown status', { type: 'setStatus', status: 'commander' }, 'status'],
	['an unknown role', { type: 'takeRole', role: 'king' }, 'role'],
	['a person who is no id', { type: 'assignRole', role: 'ops', person: 'ada' }, 'person'],
	[
		'an id in upper case',
		{ type: 'assignRole', role: 'ops', person: '06D00660-C53E-468B-80BE-6053383F0AC7' },
		'person',
	],
	['no instant', { type: 'setMilestone', milestone: 'detected' }, 'at'],
	[
		'an instant without zone',
		{ type: 'setMilestone', milestone: 'detected', at: '2026-11-24T02:13:00' },
		'at',
	],
	[
		'a day that is none',
		{ type: 'setMilestone', milestone: 'detected', at: '2026-02-30T00:00:00Z' },
		'at',
	],
	['the year 0', { type: 'setMilestone', milestone: 'detected', at: '0000-01-01T00:00:00Z' }, 'at'],
	[
		'the year 9999',
		{ type: 'setMilestone', milestone: 'detected', at: '9999-12-31T00:00:00Z' },
		'at',
	],
	[
		'the year 275760',
		{ type: 'setMilestone', milestone: 'detected', at: '+275760-09-13T00:00:00Z' },
		'at',
	],
	['milliseconds', { type: 'setMilestone', milestone: 'detected', at: 1_700_000_000_000 }, 'at'],
	['a script as link', { type: 'link', url: 'javascript:alert(1)' }, 'url'],
	['a link over two lines', { type: 'link', url: 'https://a.example/\r\nSet-Cookie: a=b' }, 'url'],
	['a title of blanks', { type: 'rename', title: '  ' }, 'title'],
	['a wrong expectation', { type: 'setStatus', status: 'resolved', expects: 7 }, 'expects'],
])('a command with %s is refused and names the field', async (_what, body, field) => {
	const { status, body: answer } = await refused(`POST /incidents/${incident}/commands`, { body });
	expect(status).toBe(422);
	expect(answer).toMatchObject({ error: { code: 'invalid', field } });
});

test.each<[string, object, string]>([
	['no text', {}, 'text'],
	['an empty text', { text: '' }, 'text'],
	['a text of a million characters', { text: long }, 'text'],
	['NUL in its text', { text: '\0' }, 'text'],
	['a kind of two words', { text: 'a', kind: 'two words' }, 'kind'],
	['an instant that is none', { text: 'a', occurredAt: 'yesterday' }, 'occurredAt'],
	['a time before all clocks', { text: 'a', occurredAt: '1969-12-31T23:59:59Z' }, 'occurredAt'],
	[
		'an end before its beginning',
		{ text: 'a', occurredAt: '2026-11-24T02:13:00Z', endedAt: '2026-11-24T02:12:00Z' },
		'endedAt',
	],
	['a word for a flag', { text: 'a', approximate: 'yes' }, 'approximate'],
	['actors who are a list', { text: 'a', actors: ['ada'] }, 'actors'],
	['its own server time', { text: 'a', recordedAt: '2026-11-24T02:13:00Z' }, 'recordedAt'],
])('an entry with %s is refused and names the field', async (_what, body, field) => {
	const { status, body: answer } = await refused(`POST /incidents/${incident}/entries`, { body });
	expect(status).toBe(422);
	expect(answer).toMatchObject({ error: { code: 'invalid', field } });
});

test.each([
	['no JSON', 'title=a'],
	['half of an object', '{"title":"a"'],
	['a trailing comma', '{"title":"a",}'],
	['NaN', '{"title":NaN}'],
	['a byte order mark', '\uFEFF{"title":"a"}'],
	['a name twice', '{"title":"a","title":"b"}'],
	['33 levels', `{"title":${'['.repeat(33)}${']'.repeat(33)}}`],
	['200,000 levels', '['.repeat(200_000)],
	['nothing', ''],
])('a body that is %s is malformed', async (_what, raw) => {
	const { status, body } = await refused('POST /incidents', { raw });
	expect(status).toBe(400);
	expect(body).toMatchObject({ error: { code: 'malformed' } });
});

test('a body that is not UTF-8 is malformed, whether it says so or not', async () => {
	const raw = Uint8Array.from(Buffer.from('{"title":"caf\xe9"}', 'latin1'));
	expect((await refused('POST /incidents', { raw })).status).toBe(400);
	const headers = { 'Content-Type': 'application/json; charset=iso-8859-1' };
	expect((await refused('POST /incidents', { raw: '{"title":"a"}', headers })).status).toBe(400);
});

test.each([
	'text/plain',
	'application/x-www-form-urlencoded',
	'multipart/form-data; boundary=a',
	'application/json+evil',
	'text/plain; application/json',
])('a body of type %s is no JSON', async (type) => {
	const { status } = await refused('POST /incidents', {
		raw: '{"title":"a"}',
		headers: { 'Content-Type': type },
	});
	expect(status).toBe(415);
});

test('a body that is larger than a mebibyte is too large, also when it does not say so', async () => {
	const raw = JSON.stringify({ title: 'x'.repeat(1_100_000) });
	expect((await refused('POST /incidents', { raw })).status).toBe(413);
	expect(await postInChunks(raw)).toBe(413);
	expect(await written()).toEqual(before);
});

/** Sends a body of unsaid length. */
function postInChunks(body: string): Promise<number | undefined> {
	const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
	const sending = httpRequest(`${api.url}/api/v1/incidents`, {
		method: 'POST',
		headers: { Authorization: `Bearer ${ada.token}`, 'Content-Type': 'application/json' },
	});
	sending.on('response', (response) => {
		response.resume();
		resolve(response.statusCode);
	});
	sending.on('error', reject);
	for (let i = 0; i < body.length; i += 10_000) sending.write(body.slice(i, i + 10_000));
	sending.end();
	return promise;
}

const nobody = '00000000-0000-4000-8000-000000000000';

test.each([
	nobody,
	nobody.toUpperCase(),
	'0',
	'-1',
	'+1',
	'1.0',
	'1e3',
	'0x1',
	'01',
	'999999999',
	'2147483648',
	'9007199254740993',
	'1%00',
	'%F0%9F%94%A5',
	'%zz',
	'__proto__',
	'constructor',
	"1'--",
	'..%2F..%2Fetc%2Fpasswd',
	'x'.repeat(5_000),
])('the incident %s is unknown to every route in the same words', async (id) => {
	const answers = [
		await refused(`GET /incidents/${id}`),
		await refused(`GET /incidents/${id}/access`),
		await refused(`POST /incidents/${id}/commands`, { body: { type: 'close' } }),
		await refused(`POST /incidents/${id}/entries`, { body: { text: 'a' } }),
	];
	for (const { status, body } of answers) {
		expect(status).toBe(404);
		expect(body).toMatchObject({
			error: { code: 'unknown', message: 'There is no such incident.' },
		});
	}
});

test.each([
	'state=commander',
	'state=open&state=all',
	'state[]=open',
	'limit=ten',
	'limit=1e309',
	'limit=1.5',
	'limit=1&limit=2',
	'sort=title',
	`state=${long.slice(0, 8_000)}`,
])('the question ?%s is refused', async (query) => {
	const { status } = await refused(`GET /incidents?${query}`);
	expect(status).toBe(422);
});

test('without a session, with a wrong token or a foreign cookie nobody is signed in', async () => {
	const routes = ['GET /incidents', `GET /incidents/${incident}`, `GET /incidents/${nobody}`];
	for (const route of routes) {
		for (const request of [
			{ token: null },
			{ token: 'wrong' },
			{ token: '' },
			{ token: null, headers: { Cookie: 'session=wrong; muster.session=wrong' } },
			{ token: null, headers: { Authorization: 'Basic YWRhOmFkYQ==' } },
		]) {
			const { status, body } = await refused(route, request);
			expect(status).toBe(401);
			expect(body).toMatchObject({ error: { code: 'signedOut' } });
		}
	}
});

test('what is unknown and what takes another method says so', async () => {
	for (const path of ['/nothing', '/incidents/', '/incidents/1/2', '/Incidents', '/']) {
		expect((await refused(`GET ${path}`)).status, path).toBe(404);
	}
	const wrong = await refused('DELETE /incidents');
	expect(wrong.status).toBe(405);
	expect(wrong.headers.get('allow')).toBe('GET, HEAD, POST');
	const override = await refused(`POST /incidents/${incident}`, {
		body: {},
		headers: { 'X-HTTP-Method-Override': 'GET' },
	});
	expect(override.status).toBe(405);
	expect((await refused('OPTIONS /incidents')).status).toBe(405);
});

const cookie = { Cookie: 'muster.session=whatever' };

test.each<[string, Readonly<Record<string, string>>, string | null]>([
	['a foreign origin and a token', { Origin: 'https://evil.example' }, 'token'],
	['the origin null and a token', { Origin: 'null' }, 'token'],
	['a foreign origin', { ...cookie, Origin: 'https://evil.example' }, null],
	['the origin null', { ...cookie, Origin: 'null' }, null],
	['an origin that ends like ours', { ...cookie, Origin: 'http://evil-muster.test' }, null],
	['an origin that begins like ours', { ...cookie, Origin: 'http://muster.test.evil' }, null],
	['our origin with another scheme', { ...cookie, Origin: 'https://muster.test' }, null],
	['our origin with another port', { ...cookie, Origin: 'http://muster.test:81' }, null],
	['a cookie alone', cookie, null],
	['a cross-site fetch', { ...cookie, 'Sec-Fetch-Site': 'cross-site' }, null],
	['a fetch from a sibling', { ...cookie, 'Sec-Fetch-Site': 'same-site' }, null],
	[
		'a foreign origin that claims to be ours',
		{ ...cookie, Origin: 'https://evil.example', 'Sec-Fetch-Site': 'same-origin' },
		null,
	],
	['a foreign origin and nobody', { Origin: 'https://evil.example' }, null],
])('a request with %s comes from somewhere else', async (_what, headers, token) => {
	const { status, body } = await refused('POST /incidents', {
		body: { title: 'a' },
		token: token && ada.token,
		headers,
	});
	expect(status).toBe(403);
	expect(body).toMatchObject({ error: { code: 'forbidden' } });
});

test.each<[string, Readonly<Record<string, string>>]>([
	['our origin', { ...cookie, Origin: 'http://muster.test' }],
	['a fetch of our own pages', { ...cookie, 'Sec-Fetch-Site': 'same-origin' }],
])('a request with %s reaches the question who it is', async (_what, headers) => {
	const request = { body: { title: 'a' }, token: null, headers };
	expect((await refused('POST /incidents', request)).status).toBe(401);
});

test('what other sites would need to ask beforehand is not answered', async () => {
	const answer = await refused('OPTIONS /incidents', {
		token: null,
		headers: { Origin: 'https://evil.example', 'Access-Control-Request-Method': 'POST' },
	});
	expect(answer.headers.get('access-control-allow-origin')).toBeNull();
});

test('no answer of the API is kept by a cache', async () => {
	for (const route of ['GET /incidents', 'GET /nothing']) {
		const { headers } = await api.ask(route);
		expect(headers.get('cache-control')).toBe('no-store');
		expect(headers.get('x-content-type-options')).toBe('nosniff');
	}
});

test('no JSON, however odd, makes the server fail', async () => {
	const routes = [
		'/incidents',
		`/incidents/${incident}/commands`,
		`/incidents/${incident}/entries`,
	];
	const known = fc.constantFrom('title', 'type', 'text', 'at', 'role', 'person', 'severity');
	const odd = fc.oneof(
		fc.json({ maxDepth: 4 }),
		fc.dictionary(known, fc.jsonValue()).map((one) => JSON.stringify(one)),
	);
	await fc.assert(
		fc.asyncProperty(fc.constantFrom(...routes), odd, async (route, raw) => {
			const { status } = await api.ask(`POST ${route}`, {
				token: null,
				headers: { Authorization: `Bearer ${api.adminToken}` },
				raw,
			});
			expect([200, 201, 400, 409, 422, 429]).toContain(status);
		}),
		{ numRuns: 150 },
	);
});

test('none of this is a fault', () => {
	expect(api.log.filter((line) => line.includes('request failed'))).toEqual([]);
});
