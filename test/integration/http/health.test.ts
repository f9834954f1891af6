import type { Hono } from 'hono';
import { expect, test } from 'vitest';
import type { PersonId } from '#core/ids.ts';
import type { Access } from '#core/response/access.ts';
import type { ApiEnv } from '#server/http/env.ts';
import { createHealth, type HealthParts } from '#server/http/health.ts';
import { Metrics } from '#server/http/metrics.ts';
import { createLog } from '#server/log.ts';
import { TestApi } from '../../support/api.ts';
import { testDatabaseUrl } from '../../support/database.ts';

test('metrics count what the API answered, refused and committed', async () => {
	await using api = await TestApi.start(await testDatabaseUrl());
	await api.declare();
	await api.ask('POST /incidents', { body: {} });
	await api.ask('GET /nothing');
	const { status, headers, text } = await api.ask('GET //metrics', { token: null });
	expect(status).toBe(200);
	expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
	for (const line of [
		'muster_turns_total 1',
		'muster_edits_total 2',
		'muster_refusals_total{code="invalid"} 1',
		'muster_http_requests_total{route="/api/v1/incidents",status="201"} 1',
		'muster_http_requests_total{route="/api/v1/incidents",status="422"} 1',
		'muster_http_requests_total{route="none",status="404"} 1',
		'muster_unsaved_rooms 0',
		'muster_peers 0',
	]) {
		expect(text.split('\n')).toContain(line);
	}
	expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds \d/m);
});

test('health answers in JSON and takes GET only', async () => {
	await using api = await TestApi.start(await testDatabaseUrl());
	expect(await api.ask('GET //healthz')).toMatchObject({ status: 200, body: { state: 'alive' } });
	expect(await api.ask('GET //readyz')).toMatchObject({
		status: 200,
		body: { state: 'ready', store: 'there' },
	});
	const wrong = await api.ask('POST //healthz', { body: {} });
	expect(wrong.status).toBe(405);
	expect(wrong.headers.get('allow')).toBe('GET, HEAD');
});

function healthWith(parts: Partial<HealthParts>): Hono<ApiEnv> {
	const none = () => 0;
	return createHealth({
		log: createLog('silent'),
		metrics: new Metrics({
			...{ rooms: none, unsavedRooms: none, peers: none, visitors: none },
			outdated: async () => 0,
			quarantines: async () => 0,
			refusals: () => new Map(),
			isRedisThere: () => null,
			forged: none,
		}),
		identify: async (headers) => identityFor(headers.get('authorization')),
		lookAtStore: async () => 'there',
		isRedisThere: () => null,
		isStopping: () => false,
		...parts,
	});
}

function identityFor(authorization: string | null) {
	const access = authorization?.replace('Bearer ', '') as Access | undefined;
	if (!access || access.startsWith('wrong')) return null;
	const person = { id: access as string as PersonId, name: access, kind: 'token', access } as const;
	return { person, session: null };
}

interface Asked {
	readonly from: string;
	readonly address: string;
	readonly headers?: Readonly<Record<string, string>>;
	readonly status: number;
}

test.each<Asked>([
	{ from: 'this machine', address: '127.0.0.1', status: 200 },
	{ from: 'this machine over IPv6', address: '::1', status: 200 },
	{ from: 'this machine, mapped', address: '::ffff:127.0.0.1', status: 200 },
	{
		from: 'a proxy here that speaks for others',
		address: '127.0.0.1',
		headers: { 'X-Forwarded-For': '192.0.2.1' },
		status: 401,
	},
	{ from: 'elsewhere', address: '192.0.2.1', status: 401 },
	{ from: 'an address that looks like ours', address: '127.0.0.1.evil.example', status: 401 },
	{
		from: 'elsewhere with a wrong token',
		address: '192.0.2.1',
		headers: { Authorization: 'Bearer wrong' },
		status: 401,
	},
	{
		from: 'elsewhere as responder',
		address: '192.0.2.1',
		headers: { Authorization: 'Bearer responder' },
		status: 403,
	},
	{
		from: 'elsewhere as admin',
		address: '192.0.2.1',
		headers: { Authorization: 'Bearer admin' },
		status: 200,
	},
])('metrics asked for from $from', async ({ address, headers = {}, status }) => {
	const answer = await healthWith({}).request('/metrics', { headers }, { address });
	expect(answer.status).toBe(status);
});

test('a store that is away is degraded, a Muster that stops is not ready', async () => {
	const away = await healthWith({ lookAtStore: async () => 'away' }).request('/readyz', {}, {});
	expect(away.status).toBe(200);
	expect(await away.json()).toEqual({ state: 'degraded', store: 'away' });
	const stopping = await healthWith({ isStopping: () => true }).request('/readyz', {}, {});
	expect(stopping.status).toBe(503);
});

test('a store that a newer Muster has outgrown makes a node not ready', async () => {
	const health = healthWith({ lookAtStore: async () => 'outgrown' });
	const answer = await health.request('/readyz', {}, {});
	expect(answer.status).toBe(503);
	expect(await answer.json()).toEqual({ state: 'outgrown', store: 'outgrown' });
});
