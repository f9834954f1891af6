import { expect, test } from 'vitest';
import type { IncidentId } from '#core/ids.ts';
import { forgetExpired } from '#server/history/retention.ts';
import { createLog } from '#server/log.ts';
import { openDatabase } from '#server/storage/database.ts';
import { TestApi } from '../../support/api.ts';
import { testDatabaseUrl } from '../../support/database.ts';
import { untilDerived } from '../../support/derived.ts';
import { until } from '../../support/until.ts';

test('an incident that is held in the very moment of its deletion does not keep the others', async () => {
	const url = await testDatabaseUrl();
	await using db = openDatabase({ url });
	await using api = await TestApi.start(url);
	const { sql } = db;
	const [held, old] = [(await api.declare()) as IncidentId, (await api.declare()) as IncidentId];
	for (const [id, days] of [[held, 200] as const, [old, 100] as const]) {
		for (const command of [{ type: 'setStatus', status: 'resolved' }, { type: 'close' }]) {
			await api.ask(`POST /incidents/${id}/commands`, { body: command });
		}
		await untilDerived(sql, id);
		await sql`update documents set sealed_at = now() - ${days} * interval '1 day' where id = ${id}`;
	}
	const isKept = async (id: IncidentId) =>
		(await sql`select from incidents where id = ${id}`).length > 0;
	const { forgotten } = await sql.begin(async (tx) => {
		await tx`
			insert into holds (incident, by, reason)
			select id, declared_by, 'a court' from incidents where id = ${held}`;
		const forgotten = forgetExpired({
			...{ sql, log: createLog('silent'), isEnding: () => false },
			retention: new Map([['incident', 24 * 3_600_000]]),
		});
		await until('the deletion waits', async () => {
			const rows = await sql`
				select from pg_stat_activity
				where wait_event_type = 'Lock' and datname = current_database()`;
			return rows.length > 0;
		});
		return { forgotten };
	});
	await forgotten;
	expect([await isKept(held), await isKept(old)]).toEqual([true, false]);
});
