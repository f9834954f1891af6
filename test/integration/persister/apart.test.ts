import { afterAll, beforeAll, expect, test } from 'vitest';
import { limits } from '#server/limits.ts';
import { createLog } from '#server/log.ts';
import { Persister } from '#server/persister/persister.ts';
import { openDatabase, type Database } from '#server/storage/database.ts';
import { TestApi } from '../../support/api.ts';
import { testDatabaseUrl } from '../../support/database.ts';
import { isDerived, untilDerived } from '../../support/derived.ts';
import { PersisterProcess } from '../../support/persisters.ts';
import { TestClient } from '../../support/presence.ts';
import { until } from '../../support/until.ts';
import { untried } from '../../support/workbench.ts';

// A node that leaves deriving to others, and one that does it on the same database.

let db: Database;
let api: TestApi;
beforeAll(async () => {
	const url = await testDatabaseUrl();
	db = openDatabase({ url });
	api = await TestApi.start(url, { persister: 'apart' });
	await api.setUp();
});
afterAll(async () => {
	await api[Symbol.asyncDispose]();
	await db[Symbol.asyncDispose]();
});

async function startPersister(): Promise<Persister> {
	const parts = { db, opening: untried(db), log: createLog('silent'), lookMs: 50 };
	const persister = new Persister(parts);
	await persister.start();
	return persister;
}

test('a node without a persister answers a declaration all the same, and in time', async () => {
	const askedAt = performance.now();
	const incident = await api.declare();
	const tookMs = performance.now() - askedAt;
	expect(await isDerived(db.sql, incident)).toBe(false);
	expect(tookMs).toBeGreaterThan(limits.listedMs - 50);
	expect(tookMs).toBeLessThan(limits.listedMs + 1_500);
});

test('what is declared while no persister runs is listed once there is one', async () => {
	const incident = await api.declare();
	await using persister = await startPersister();
	await untilDerived(db.sql, incident);
	expect(persister).toBeDefined();
});

test('the answer to a declaration waits until lists show it, and no longer', async () => {
	await using persister = await startPersister();
	await persister.caughtUp((await api.declare()) as never);
	const incident = await api.declare();
	const { body } = await api.ask('GET /incidents');
	expect((body as { incidents: { id: string }[] }).incidents.map(({ id }) => id)).toContain(
		incident,
	);
});

test('what is decided and written here is derived elsewhere within two seconds', async () => {
	await using persister = await startPersister();
	const incident = await api.declare();
	await untilDerived(db.sql, incident);
	const commands = `POST /incidents/${incident}/commands`;
	expect(
		await api.ask(commands, { body: { type: 'setSeverity', severity: 'SEV1' } }),
	).toMatchObject({ status: 200 });
	await untilDerived(db.sql, incident, 2_000);
	await api.ask(`POST /incidents/${incident}/entries`, { body: { text: 'pool at 60/60' } });
	await untilDerived(db.sql, incident, 2_000);
	expect(persister).toBeDefined();
});

test('who watches the board here sees what another process projects', async () => {
	const headers = { Authorization: `Bearer ${api.adminToken}` };
	const client = new TestClient(Number(new URL(api.url).port), headers, {});
	try {
		await client.connected();
		await client.ask('board');
		await using persister = await startPersister();
		const incident = await api.declare('payments are slow');
		const row = () => client.rows.findLast(({ id }) => id === incident);
		await until('it is on the board', () => row()?.title === 'payments are slow');
		const body = { type: 'setSeverity', severity: 'SEV1' };
		await api.ask(`POST /incidents/${incident}/commands`, { body });
		await until('its severity is', () => row()?.severity === 'SEV1');
		expect(persister).toBeDefined();
	} finally {
		client.socket.disconnect();
	}
});

test('`muster persister` without a store that others reach says what it needs', async () => {
	await using persister = new PersisterProcess({});
	expect(await persister.end(null)).toBe(1);
	expect(persister.output).toBe('Set DATABASE_URL to the store whose turns are to be derived.\n');
});
