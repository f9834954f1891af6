import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase, type Database } from '#server/storage/database.ts';
import { TestApi, type ApiPerson } from '../../support/api.ts';
import { testDatabaseUrl } from '../../support/database.ts';
import { until } from '../../support/until.ts';

let api: TestApi;
let db: Database;
let ada: ApiPerson;
beforeAll(async () => {
	const url = await testDatabaseUrl();
	db = openDatabase({ url }, { max: 1 });
	api = await TestApi.start(url);
	await api.setUp();
	ada = await api.invite('Ada');
});
afterAll(async () => {
	await api[Symbol.asyncDispose]();
	await db[Symbol.asyncDispose]();
});

async function declare(services: readonly string[]): Promise<{ id: string; number: number }> {
	const body = { title: 'checkout is down', services };
	const answer = await api.ask('POST /incidents', { body, token: ada.token });
	expect(answer.status).toBe(201);
	return answer.body as { id: string; number: number };
}

async function concerning(service: string): Promise<number[]> {
	const { body } = await api.ask(`GET /incidents?service=${encodeURIComponent(service)}`);
	return (body as { incidents: { number: number }[] }).incidents.map(({ number }) => number);
}

test('an incident is found by the services it concerns, as they are now', async () => {
	const { id, number } = await declare(['Checkout', 'Git operations']);
	const isFound = async () => (await concerning('Git operations')).includes(number);
	await until('lists show it', isFound);
	const { status, body } = await api.ask(`POST /incidents/${id}/commands`, {
		body: { type: 'setServices', services: ['Search'], expects: ['Checkout', 'Git operations'] },
		token: ada.token,
	});
	expect([status, body]).toMatchObject([200, { facts: [{ services: ['Search'] }] }]);
	await until('lists show it', async () => (await concerning('Search')).includes(number));
	expect(await concerning('Git operations')).toEqual([]);
	expect((await api.ask(`GET /incidents/${id}`)).body).toMatchObject({ services: ['Search'] });
	const { text } = await api.ask(`GET /incidents/${id}/export?format=json`);
	expect(JSON.parse(text)).toMatchObject({ services: ['Search'] });
	expect(await db.sql`select service from projected_services where incident = ${id}`).toEqual([
		{ service: 'Search' },
	]);
});

test('who was too late with the services is told who was faster', async () => {
	const { id } = await declare(['Billing']);
	const set = (services: string[], expects: string[]) =>
		api.ask(`POST /incidents/${id}/commands`, {
			body: { type: 'setServices', services, expects },
			token: ada.token,
		});
	expect((await set(['Billing', 'Search'], ['Billing'])).status).toBe(200);
	const late = await set(['Checkout'], ['Billing']);
	expect([late.status, late.body]).toMatchObject([409, { error: { field: 'expects' } }]);
});

test('services that incidents concern are known to everybody, and admins say which team has them', async () => {
	const { number } = await declare(['Payments']);
	await until('lists show it', async () => (await concerning('Payments')).includes(number));
	const known = async (name: string) => {
		const { body } = await api.ask('GET /services', { token: ada.token });
		const { services } = body as { services: { name: string }[] };
		return services.find((one) => one.name === name);
	};
	expect(await known('Payments')).toMatchObject({ team: null, incidents: 1, isKept: false });
	const put = (team: string | null, token?: string) =>
		api.ask('PUT /services', { body: { name: 'Payments', team }, ...(token && { token }) });
	expect((await put('Money', ada.token)).status).toBe(403);
	expect((await put('Money')).status).toBe(200);
	expect(await known('Payments')).toMatchObject({ team: 'Money', incidents: 1, isKept: true });
	expect((await put(null)).status).toBe(200);
	expect(await known('Payments')).toMatchObject({ team: null });
	expect((await api.ask('DELETE /services?name=Payments', { token: ada.token })).status).toBe(403);
	expect((await api.ask('DELETE /services?name=Payments')).status).toBe(200);
	expect(await known('Payments')).toMatchObject({ incidents: 1, isKept: false });
});

test('services are listed alike without being counted', async () => {
	const { number } = await declare(['Payments', 'Ledger', 'Accounts']);
	await until('lists show it', async () => (await concerning('Accounts')).includes(number));
	await api.ask('PUT /services', { body: { name: 'Zebra', team: 'Money' } });
	const listed = async (query: string) => {
		const { body } = await api.ask(`GET /services${query}`);
		return (body as { services: { name: string; incidents: number | null }[] }).services;
	};
	const counted = await listed('');
	expect(counted.map(({ name }) => name)).toEqual(
		expect.arrayContaining(['Accounts', 'Ledger', 'Payments', 'Zebra']),
	);
	expect(await listed('?incidents=without')).toEqual(
		counted.map((service) => ({ ...service, incidents: null })),
	);
});

test.each([
	['POST /incidents', { title: 'x', services: [''] }, 'services.0'],
	[
		'POST /incidents',
		{ title: 'x', services: Array.from({ length: 21 }, (_, i) => `${i}`) },
		'services',
	],
	['PUT /services', { name: '', team: null }, 'name'],
	['PUT /services', { name: 'x', team: 'y'.repeat(65) }, 'team'],
	['PUT /services', { name: 'x' }, 'team'],
])('%s with %j is refused and names the field', async (route, body, field) => {
	const answer = await api.ask(route, { body });
	expect([answer.status, answer.body]).toMatchObject([422, { error: { code: 'invalid', field } }]);
});

test.each([
	'DELETE /services',
	'DELETE /services?name=%00',
	'GET /incidents?service=',
	'GET /services?incidents=some',
])('%s is refused', async (route) => expect((await api.ask(route)).status).toBe(422));
