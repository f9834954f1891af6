import type { Sql } from 'postgres';
import { roomDocumentOf, type DocumentId, type IncidentId } from '#core/ids.ts';
import { createLog } from '#server/log.ts';
import { Persister } from '#server/persister/persister.ts';
import type { Database } from '#server/storage/database.ts';
import { askMissed } from '#server/storage/derivations.ts';
import { readSnapshots } from '#server/storage/snapshots.ts';
import { until } from './until.ts';
import { untried } from './workbench.ts';

const tables = [
	...['projected_incidents', 'projected_entries', 'projected_tasks', 'projected_roles'],
	...['projected_statuses', 'projected_severities', 'projected_milestones', 'projected_services'],
	...['projected_measures', 'projected_downtimes'],
];

/** Everything that lists show of an incident, and its snapshots. */
export async function derivedOf(sql: Sql, incident: IncidentId): Promise<object> {
	const rows: Record<string, unknown> = {};
	for (const table of tables) {
		rows[table] = await sql`
			select to_jsonb(kept) - 'projected_at' as row from ${sql(table)} kept
			where incident = ${incident} order by 1`;
	}
	return { rows, snapshots: await readSnapshots(sql, roomDocumentOf(incident)) };
}

/** The same, forgotten with all checkpoints and derived anew from the journal; nobody else may be at it. */
export async function derivedAnew(db: Database, incident: IncidentId): Promise<object> {
	const { sql } = db;
	const document = roomDocumentOf(incident);
	for (const table of tables) await sql`delete from ${sql(table)} where incident = ${incident}`;
	for (const table of ['snapshots', 'checkpoints', 'derivations', 'projections']) {
		await sql`delete from ${sql(table)} where document = ${document}`;
	}
	await using persister = new Persister({
		...{ db, opening: untried(db), log: createLog('silent') },
	});
	await persister.caughtUp(document);
	return derivedOf(sql, incident);
}

/** Whether lists show an incident up to its last turn. */
export async function isDerived(sql: Sql, incident: string): Promise<boolean> {
	const rows = await sql`
		select from documents d join projected_incidents using (incident)
		where incident = ${incident} and d.kind = 'room' and turn = upto_turn`;
	return rows.length > 0;
}

/** Waits until lists show an incident up to its last turn. */
export async function untilDerived(sql: Sql, incident: string, withinMs?: number): Promise<void> {
	await until('lists show everything', () => isDerived(sql, incident), withinMs);
}

/** The documents that persisters find to have missed. */
export async function missedIn(sql: Sql): Promise<DocumentId[]> {
	await askMissed(sql);
	const rows = await sql<{ document: DocumentId }[]>`
		select document from derivations where asked_at is not null`;
	return rows.map(({ document }) => document);
}
