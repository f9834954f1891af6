import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestApi } from '../../support/api.ts';
import { testDatabaseUrl } from '../../support/database.ts';

let api: TestApi;
beforeAll(async () => void (api = await TestApi.start(await testDatabaseUrl())));
afterAll(() => api[Symbol.asyncDispose]());

const anybody = { token: null };

test('until an admin exists only the set-up, health and the admin token answer', async () => {
	for (const route of ['GET /incidents', 'GET /session', 'GET /openapi.json', 'GET /people']) {
		const { status, body } = await api.ask(route, anybody);
		expect(status, route).toBe(403);
		expect(body).toMatchObject({
			error: { code: 'forbidden', message: expect.stringContaining('not set up') as string },
		});
	}
	expect((await api.ask('POST /session', { ...anybody, body: {} })).status).toBe(403);
	expect(await api.ask('GET /setup/state', anybody)).toMatchObject({ body: { needed: true } });
	expect((await api.ask('GET //healthz', anybody)).status).toBe(200);
	expect((await api.ask('GET /incidents')).status).toBe(200);
	const guess = { token: 'guess', name: 'Eve', email: 'eve@example.com', password: 'x'.repeat(20) };
	expect((await api.ask('POST /setup', { ...anybody, body: guess })).status).toBe(403);
	await api.setUp();
	expect((await api.ask('GET /session', anybody)).status).toBe(401);
	expect((await api.ask('GET /openapi.json', anybody)).status).toBe(200);
});
