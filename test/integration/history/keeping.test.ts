import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IncidentId, PersonId } from '#core/ids.ts';
import { impactOf } from '#core/incident/document.ts';
import { Packing } from '#server/history/packing.ts';
import { forgetExpired } from '#server/history/retention.ts';
import { KnownIncidents } from '#server/incidents/known.ts';
import { createLog } from '#server/log.ts';
import { openDatabase, type Database } from '#server/storage/database.ts';
import { deleteExpired } from '#server/storage/keeping.ts';
import { keepProvenance } from '#server/storage/provenance.ts';
import { TestApi, type ApiPerson } from '../../support/api.ts';
import { exportBundle, importBundle } from '../../support/bundles.ts';
import { SyncPeer } from '../../support/client.ts';
import { testDatabaseUrl } from '../../support/database.ts';
import { untilDerived } from '../../support/derived.ts';
import { until } from '../../support/until.ts';

let db: Database;
let api: TestApi;
let grace: ApiPerson;
beforeAll(async () => {
	const url = await testDatabaseUrl();
	db = openDatabase({ url });
	api = await TestApi.start(url);
	grace = await api.invite('Grace');
});
afterAll(async () => {
	await api[Symbol.asyncDispose]();
	await db[Symbol.asyncDispose]();
});

const log = createLog('silent');
const isEnding = () => false;
const day = 24 * 3_600_000;

/** An incident with something in it that was closed so many days ago. */
async function closedIncident(daysAgo: number, kind = 'incident'): Promise<IncidentId> {
	const { body } = await api.ask('POST /incidents', { body: { title: 'checkout is down', kind } });
	const { id } = body as { id: IncidentId };
	using peer = new SyncPeer({
		syncUrl: `${api.url.replace('http', 'ws')}/sync`,
		incident: id,
		token: grace.token,
	});
	await peer.connect();
	impactOf(peer.doc).insert(0, 'many');
	await peer.saved();
	await api.ask(`POST /incidents/${id}/entries`, { body: { text: 'rotate' } });
	for (const command of [{ type: 'setStatus', status: 'resolved' }, { type: 'close' }]) {
		await api.ask(`POST /incidents/${id}/commands`, { body: command });
	}
	await untilDerived(db.sql, id);
	await db.sql`
		update documents set sealed_at = now() - ${daysAgo} * interval '1 day' where id = ${id}`;
	await db.sql`update attendance set left_at = now() where incident = ${id}`;
	return id;
}

function forget(kinds: readonly ['incident' | 'drill', number][]): Promise<void> {
	const retention = new Map(kinds.map(([kind, days]) => [kind, days * day]));
	return forgetExpired({ sql: db.sql, log, retention, isEnding });
}

/** The tables that say anything of an incident, each with how many rows. */
async function rowsOf(incident: IncidentId): Promise<Record<string, number>> {
	const columns = await db.sql<{ table: string; column: string }[]>`
		select c.table_name as table, c.column_name as column
		from information_schema.columns c
		where table_schema = 'public' and udt_name = 'uuid' and (
			column_name in ('incident', 'document')
			or (table_name in ('incidents', 'documents') and column_name = 'id'))`;
	const counts: Record<string, number> = {};
	for (const { table, column } of columns) {
		const [row] = await db.sql<[{ count: number }]>`
			select count(*)::int as count from ${db.sql(table)} where ${db.sql(column)} = ${incident}`;
		if (row.count > 0) counts[table] = row.count;
	}
	return counts;
}

test('[K10] what was closed longer ago than it is to be kept is deleted, and nothing of it is left', async () => {
	const old = await closedIncident(100);
	const young = await closedIncident(10);
	const drill = await closedIncident(100, 'drill');
	const open = (await api.declare()) as IncidentId;
	await new Packing({ sql: db.sql, log, sealedMs: 50 * day, isEnding }).run();
	await api.ask(`GET /incidents/${old}/export?format=json`);
	expect(Object.keys(await rowsOf(old))).toEqual(
		expect.arrayContaining(['segments', 'snapshots', 'projected_entries', 'clients', 'documents']),
	);
	await forget([]);
	await forget([['incident', 90]]);
	await until('nothing is left', async () => Object.keys(await rowsOf(old)).length === 0);
	for (const kept of [young, drill, open]) {
		expect((await api.ask(`GET /incidents/${kept}`)).status).toBe(200);
	}
	await until('it is unknown', async () => (await api.ask(`GET /incidents/${old}`)).status === 404);
	expect((await api.ask('GET /incidents?state=all')).text).not.toContain(old);
});

test('[K11] an incident that an admin holds is kept until that ends, also when it is said at the last moment', async () => {
	const incident = await closedIncident(100);
	const path = `/incidents/${incident}/hold`;
	const body = { reason: 'a court asks for it' };
	expect((await api.ask(`POST ${path}`, { body, token: grace.token })).status).toBe(403);
	expect((await api.ask(`POST ${path}`, { body: { reason: ' ' } })).status).toBe(422);
	expect((await api.ask(`POST ${path}`, { body })).body).toMatchObject({
		hold: { by: { name: 'Admin token' }, reason: 'a court asks for it' },
	});
	await forget([['incident', 90]]);
	expect((await api.ask(`GET ${path}`, { token: grace.token })).body).toMatchObject({
		hold: { reason: 'a court asks for it' },
	});
	expect((await api.ask(`DELETE ${path}`)).body).toEqual({ hold: null });
	const late = db.sql.begin(async (tx) => {
		await tx`insert into holds (incident, by, reason) select id, declared_by, 'late' from incidents
			where id = ${incident}`;
		const deleting = db.sql.begin((other) => deleteExpired(other, incident, 90 * day));
		const outcome = deleting.then(
			() => 'deleted',
			() => 'kept',
		);
		await until('the deletion waits', async () => {
			const [row] = await db.sql<[{ count: number }]>`
				select count(*)::int as count from pg_stat_activity where wait_event_type = 'Lock'
				and datname = current_database()`;
			return row.count > 0;
		});
		return { outcome };
	});
	expect(await (await late).outcome).toBe('kept');
	expect(await rowsOf(incident)).toMatchObject({ holds: 1, journal: expect.any(Number) as number });
	await api.ask(`DELETE ${path}`);
	await forget([['incident', 90]]);
	await until('nothing is left', async () => Object.keys(await rowsOf(incident)).length === 0);
});

/** As if it had come from elsewhere just now. */
function comeFromElsewhere(incident: IncidentId): Promise<unknown> {
	return db.sql.begin((tx) =>
		keepProvenance(tx, incident, {
			...{ source: 'ops.example.com', sourceNumber: 7, importedBy: grace.id as PersonId },
			...{ turn: 1, knownTurn: null, head: Buffer.alloc(32), people: new Map() },
		}),
	);
}

test('[K10] what was closed long ago elsewhere is kept from its import on', async () => {
	const incident = await closedIncident(100);
	await comeFromElsewhere(incident);
	await forget([['incident', 90]]);
	expect((await api.ask(`GET /incidents/${incident}`)).status).toBe(200);
	await db.sql`
		update provenance set imported_at = now() - interval '91 days' where incident = ${incident}`;
	await forget([['incident', 90]]);
	await until('nothing is left', async () => Object.keys(await rowsOf(incident)).length === 0);
});

test('what was deleted and is imported again is told under its new number at once', async () => {
	const incident = await closedIncident(100);
	const before = (await api.ask(`GET /incidents/${incident}`)).body as { number: number };
	const archive = await exportBundle(api, incident);
	await forget([['incident', 90]]);
	await until('nothing is left', async () => Object.keys(await rowsOf(incident)).length === 0);
	const { status, body } = await importBundle(api, archive);
	expect(status).toBe(201);
	const { number } = body as { number: number };
	expect(number).toBeGreaterThan(before.number);
	expect((await api.ask(`GET /incidents/${incident}`)).body).toMatchObject({
		number,
		importedFrom: { number: before.number },
	});
	// Who derives lists had it in memory, with nothing new since.
	await untilDerived(db.sql, incident);
});

test('what an incident is called is believed for a minute, and for longer only while the store is away', async () => {
	const incident = (await api.declare()) as IncidentId;
	let [now, isAway] = [0, false];
	const away = Object.assign(new Error('away'), { code: 'ECONNREFUSED' });
	const asked = new Proxy(db.sql, {
		apply: (sql, self, given) => {
			if (isAway) throw away;
			return Reflect.apply(sql, self, given) as unknown;
		},
	});
	const known = new KnownIncidents(
		asked,
		(person) => person,
		() => now,
	);
	const before = await known.of(incident);
	expect(before.provenance).toBe(null);
	await comeFromElsewhere(incident);
	now = 59_000;
	expect(await known.of(incident)).toBe(before);
	[now, isAway] = [61_000, true];
	expect(await known.of(incident)).toBe(before);
	isAway = false;
	expect(await known.of(incident)).toMatchObject({ provenance: { sourceNumber: 7 } });
	known.drop(incident);
	isAway = true;
	await expect(known.of(incident)).rejects.toBe(away);
});
