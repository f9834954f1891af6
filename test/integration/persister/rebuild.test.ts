import { afterAll, beforeAll, expect, test } from 'vitest';
import { roomDocumentOf, type FindingId, type IncidentId } from '#core/ids.ts';
import { addCause, writeFinding } from '#core/retro/findings.ts';
import { run } from '#server/cli/muster.ts';
import { noteProjection, projectionVersions } from '#server/storage/derivations.ts';
import { openDatabase, type Database } from '#server/storage/database.ts';
import { TestApi } from '../../support/api.ts';
import { SyncPeer } from '../../support/client.ts';
import { testDatabaseUrl } from '../../support/database.ts';
import { derivedOf, untilDerived } from '../../support/derived.ts';
import { until } from '../../support/until.ts';

let api: TestApi;
let db: Database;
beforeAll(async () => {
	const url = await testDatabaseUrl();
	db = openDatabase({ url }, { max: 2 });
	api = await TestApi.start(url);
});
afterAll(async () => {
	await api[Symbol.asyncDispose]();
	await db[Symbol.asyncDispose]();
});

async function projectedTables(): Promise<string[]> {
	const rows = await db.sql<{ name: string }[]>`
		select table_name as name from information_schema.tables
		where table_schema = 'public' and table_name like 'projected\_%' order by 1`;
	return rows.map(({ name }) => name);
}

/** Derived tables that nothing is projected into. */
const kept = ['snapshots', 'retro_versions'];

/** All rows of what is projected, kept and published, but for when they were written. */
async function dump(): Promise<Record<string, unknown>> {
	const rows: Record<string, unknown> = {};
	for (const table of [...(await projectedTables()), ...kept]) {
		rows[table] = await db.sql`
			select (to_jsonb(kept) - 'projected_at' - 'created_at')::text as row
			from ${db.sql(table)} kept order by 1`;
	}
	return rows;
}

async function rebuild(...args: string[]): Promise<[code: number, out: string]> {
	let out = '';
	const code = await run(['rebuild', ...args], {
		env: { MUSTER_URL: api.url, MUSTER_TOKEN: api.adminToken },
		write: (text) => (out += text),
		complain: () => undefined,
	});
	return [code, out];
}

async function closedIncident(): Promise<IncidentId> {
	const id = await api.declare();
	const commands = [
		{ type: 'setServices', services: ['Checkout'] },
		{ type: 'setSeverity', severity: 'SEV1' },
		{ type: 'setStatus', status: 'resolved' },
		{ type: 'close' },
		{ type: 'setMilestone', milestone: 'detected', at: '2024-03-01T10:00:00Z' },
	];
	await api.ask(`POST /incidents/${id}/entries`, { body: { text: 'pool is at 60/60' } });
	for (const body of commands) {
		expect((await api.ask(`POST /incidents/${id}/commands`, { body })).status).toBe(200);
	}
	await untilDerived(db.sql, id);
	return id as IncidentId;
}

/** With a factor and a lesson of it. */
async function publishRetro(incident: IncidentId): Promise<void> {
	const reviewer = await api.invite('Grace');
	const does = async (body: object, token = api.adminToken): Promise<void> => {
		const { status } = await api.ask(`POST /incidents/${incident}/retro/commands`, { body, token });
		expect(status).toBe(200);
	};
	await api.ask(`POST /incidents/${incident}/retro`, { body: { owner: reviewer.id } });
	const syncUrl = `${api.url.replace('http', 'ws')}/sync`;
	using peer = new SyncPeer({ syncUrl, incident: `${incident}/retro`, token: reviewer.token });
	await peer.connect();
	peer.edit('findings', (doc) => {
		const finding = '01KAV000000000000000000001' as FindingId;
		writeFinding(doc, finding, { kind: 'factor', text: 'The pool was small', order: 'V' });
		addCause(doc, finding, { ulid: finding, name: 'capacity' });
	});
	await peer.saved();
	await does({ type: 'setReviewers', people: [reviewer.id] });
	await does({ type: 'submit' });
	await does({ type: 'approve' }, reviewer.token);
	await does({ type: 'publish' });
	await until('it is kept', async () => {
		const rows = await db.sql`
			select from projected_retros where incident = ${incident} and version = 1`;
		return rows.length === 1;
	});
}

function importLines(count: number): Promise<unknown> {
	const rows = Array.from({ length: count }, (_, i) => ({
		...{ id: `r${i}`, title: `outage ${i}`, impact: 'minor', components: ['Search'] },
		...{ started_at: '2024-03-01T10:00:00Z', resolved_at: '2024-03-01T11:00:00Z' },
	}));
	return api.ask('POST /imports/incidents?source=a', {
		raw: rows.map((row) => JSON.stringify(row)).join('\n'),
		headers: { 'Content-Type': 'application/x-ndjson' },
	});
}

test('what is derived can be dropped and is made anew, byte for byte, while people work', async () => {
	await publishRetro(await closedIncident());
	await importLines(30);
	const open = (await api.declare()) as IncidentId;
	await untilDerived(db.sql, open);
	const before = await dump();
	const tables = await projectedTables();
	for (const table of [...tables, ...kept]) await db.sql`delete from ${db.sql(table)}`;
	const [rebuilt] = await Promise.all([
		rebuild(),
		api.ask(`POST /incidents/${await closedIncident()}/commands`, { body: { type: 'reopen' } }),
	]);
	expect(rebuilt[0]).toBe(0);
	const after = await dump();
	for (const [table, rows] of Object.entries(before)) {
		expect(after[table], table).toEqual(expect.arrayContaining(rows as unknown[]));
	}
	expect((before['projected_incidents'] as unknown[]).length).toBe(32);
	expect((after['projected_incidents'] as unknown[]).length).toBe(33);
});

test('what an older version projected is made anew by itself, also where nobody works', async () => {
	const incident = await closedIncident();
	const document = roomDocumentOf(incident);
	const before = await derivedOf(db.sql, incident);
	await db.sql`update projections set version = 0 where document = ${document}`;
	await db.sql`delete from projected_services where incident = ${incident}`;
	await until(
		'it is made anew',
		async () => {
			const [row] = await db.sql<{ version: number }[]>`
				select version from projections where document = ${document}`;
			return row?.version === projectionVersions.room;
		},
		30_000,
	);
	expect(await derivedOf(db.sql, incident)).toEqual(before);
});

test('what a newer version made of a turn is never overwritten by an older one', async () => {
	const incident = await closedIncident();
	const document = roomDocumentOf(incident);
	const [row] = await db.sql<{ turn: number; version: number }[]>`
		select turn, version from projections where document = ${document}`;
	const { turn, version } = row ?? expect.fail('It is not projected.');
	await db.sql.begin(async (tx) => {
		expect(await noteProjection(tx, document, { turn, version: version - 1 })).toBe(false);
		expect(await noteProjection(tx, document, { turn, version })).toBe(false);
		expect(await noteProjection(tx, document, { turn, version: version + 1 })).toBe(true);
		expect(await noteProjection(tx, document, { turn, version })).toBe(false);
		expect(await noteProjection(tx, document, { turn: turn - 1, version: version + 2 })).toBe(
			false,
		);
	});
});
