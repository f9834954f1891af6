import { afterAll, beforeAll, expect, test } from 'vitest';
import { accesses, type Access } from '#core/response/access.ts';
import { openDatabase, type Database } from '#server/storage/database.ts';
import { TestApi, type ApiAnswer, type ApiPerson } from '../../support/api.ts';
import { testDatabaseUrl } from '../../support/database.ts';
import { expectedRights, harmless, mayCall, type ExpectedRight } from '../../support/rights.ts';

let api: TestApi;
let db: Database;
const tokens = new Map<Access, ApiPerson>();
let described: readonly string[];
/** What stands in the place of a path's parameters: things that are there. */
let there: Readonly<Record<string, string>>;

beforeAll(async () => {
	const url = await testDatabaseUrl();
	db = openDatabase({ url }, { max: 1 });
	api = await TestApi.start(url);
	await api.setUp();
	for (const access of accesses) tokens.set(access, await api.invite(access, access));
	const { body } = await api.ask('GET /openapi.json', { token: null });
	const { paths } = body as { paths: Record<string, Record<string, object>> };
	described = Object.entries(paths).flatMap(([path, methods]) =>
		Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace('/api/v1', '')}`),
	);
	const problem = await api.ask('POST /problems', { body: { title: 'a problem' } });
	await api.ask('POST /causes', { body: { name: 'load' } });
	const incident = await api.declare();
	const action = await api.ask(`POST /incidents/${incident}/actions`, {
		body: { title: 'an action' },
	});
	there = {
		incident,
		action: (action.body as { id: string }).id,
		number: String((problem.body as { problem: { number: number } }).problem.number),
		name: 'load',
		token: 'wrong',
		version: '1',
		nobody: '00000000-0000-4000-8000-000000000000',
	};
});
afterAll(async () => {
	await api[Symbol.asyncDispose]();
	await db[Symbol.asyncDispose]();
});

const routes = [...expectedRights.entries()];

/** The route with parameters; `{id}` is what its path is about. */
function addressOf(route: string, { query = '' }: ExpectedRight, incident?: string): string {
	const of = (name: string) => there[name] ?? expect.fail(`There is nothing for {${name}}.`);
	const id = route.includes('/incidents/')
		? (incident ?? of('incident'))
		: route.includes('/actions/')
			? of('action')
			: of('nobody');
	return (
		route.replaceAll(/\{(\w+)\}/g, (_all, name: string) => (name === 'id' ? id : of(name))) + query
	);
}

function call(
	route: string,
	expected: ExpectedRight,
	{ token, incident }: { token: string | null; incident?: string },
): Promise<ApiAnswer> {
	const { body } = expected;
	return api.ask(addressOf(route, expected, incident), { token, ...(body && { body }) });
}

/** Everything that is stored of what people may change, so that a change shows. */
async function written(): Promise<unknown> {
	return db.sql`
		select (select count(*) from incidents) as incidents, (select count(*) from journal) as turns,
			(select jsonb_agg(to_jsonb(a) order by id) from actions a) as actions,
			(select jsonb_agg(to_jsonb(q) order by number) from problems q) as problems,
			(select jsonb_agg(to_jsonb(c) order by name) from causes c) as causes,
			(select count(*) from problem_incidents) as belonging,
			(select count(*) from feedback_given) as answers, (select count(*) from holds) as holds,
			(select count(*) from invitations) as invitations,
			(select jsonb_agg(access order by id) from people) as people`;
}

test('for every route there is an expectation of what right it asks for', () => {
	const forgotten = described.filter((route) => !expectedRights.has(route));
	expect(
		forgotten,
		'Add these routes to `expectedRights` in test/support/rights.ts, each with the right that it asks ' +
			'the table of core/response/access.ts for: `read` or what it changes.',
	).toEqual([]);
	const gone = [...expectedRights.keys()].filter((route) => !described.includes(route));
	expect(gone, 'There are no such routes any more: take them out of `expectedRights`.').toEqual([]);
});

test('only what is called open answers somebody who is not signed in', async () => {
	for (const [route, expected] of routes.filter(([, { right }]) => right !== 'open')) {
		for (const token of [null, 'wrong']) {
			const { status, body } = await call(route, expected, { token });
			expect([status, body], route).toMatchObject([401, { error: { code: 'signedOut' } }]);
		}
	}
});

test('whoever lacks the right is refused by every route that asks for it, and changes nothing', async () => {
	const before = await written();
	for (const access of accesses) {
		const token = tokens.get(access)?.token ?? '';
		for (const [route, expected] of routes) {
			if (mayCall(access, expected.right)) continue;
			const { status, body } = await call(route, expected, { token });
			expect([status, body], `${route} as a ${access}`).toMatchObject([
				403,
				{ error: { code: 'forbidden' } },
			]);
		}
	}
	expect(await written()).toEqual(before);
});

test('a viewer may call nothing that writes', () => {
	const writing = routes.filter(([, { right }]) => !harmless.includes(right));
	expect(writing.length).toBeGreaterThan(15);
	expect(writing.filter(([, { right }]) => mayCall('viewer', right))).toEqual([]);
	const misnamed = routes.filter(
		([route, { right }]) => !route.startsWith('GET ') && right === 'read',
	);
	expect(misnamed).toEqual([]);
});

test('whoever has the right is refused by no route for lack of it', async () => {
	for (const access of accesses) {
		const token = tokens.get(access)?.token ?? '';
		for (const [route, expected] of routes) {
			const isAsked = !['open', 'signedIn'].includes(expected.right);
			if (!isAsked || !mayCall(access, expected.right)) continue;
			// It is for people who were in the room, which no token was.
			if (route === 'POST /incidents/{id}/feedback') continue;
			const { status, text } = await call(route, expected, { token });
			expect([401, 403], `${route} as a ${access}: ${text}`).not.toContain(status);
			expect(status, `${route} as a ${access}: ${text}`).toBeLessThan(500);
		}
	}
});

test('an incident that is not there reads the same for everybody, on every route', async () => {
	const ofIncidents = routes.filter(([route]) => route.includes(' /incidents/{id}'));
	expect(ofIncidents.length).toBeGreaterThan(10);
	for (const access of accesses) {
		const token = tokens.get(access)?.token ?? '';
		for (const [route, expected] of ofIncidents) {
			for (const incident of [there['nobody'] ?? '', '999999', 'x']) {
				const { status, body } = await call(route, expected, { token, incident });
				expect([status, body], `${route} of ${incident} as a ${access}`).toMatchObject([
					404,
					{ error: { code: 'unknown', message: 'There is no such incident.' } },
				]);
			}
		}
	}
});

test('none of this is a fault', () => {
	expect(api.log.filter((line) => line.includes('request failed'))).toEqual([]);
});
