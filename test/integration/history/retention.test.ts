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

const day = 24 * 3_600_000;

test('[K16] an incident is not old while its retrospective or its actions are worked on', async () => {
	const url = await testDatabaseUrl();
	await using db = openDatabase({ url });
	await using api = await TestApi.start(url);
	const { sql } = db;
	const does = async (route: string, body: object) => {
		const { status, text } = await api.ask(route, { body });
		expect(status, text).toBeLessThan(300);
	};
	const closed = async (): Promise<IncidentId> => {
		const id = (await api.declare()) as IncidentId;
		await does(`POST /incidents/${id}/commands`, { type: 'setStatus', status: 'resolved' });
		await does(`POST /incidents/${id}/retro`, {});
		await does(`POST /incidents/${id}/actions`, { title: 'Watch the pool' });
		await does(`POST /incidents/${id}/commands`, { type: 'close' });
		await untilDerived(sql, id);
		return id;
	};
	const [written, acted] = [await closed(), await closed(), await closed()];
	// All of it happened long ago, but for what is done now.
	await sql`update documents set sealed_at = sealed_at - interval '9 days', at = at - interval '9 days'`;
	await sql`update actions set changed_at = changed_at - interval '9 days'`;
	await does(`POST /incidents/${written}/retro/commands`, { type: 'comment', text: 'And now?' });
	const [action] = await sql<{ id: string }[]>`select id from actions where incident = ${acted}`;
	await does(`PATCH /actions/${action?.id}`, { dueOn: '2030-01-01' });
	const forget = () =>
		forgetExpired({
			...{ sql, log: createLog('silent'), isEnding: () => false },
			retention: new Map([['incident', 7 * day]]),
		});
	const kept = async () => {
		const rows = await sql<{ id: IncidentId }[]>`select id from incidents order by number`;
		return rows.map(({ id }) => id);
	};
	await forget();
	expect(await kept()).toEqual([written, acted]);
	await sql`update documents set at = at - interval '9 days'`;
	await sql`update actions set changed_at = changed_at - interval '9 days'`;
	await forget();
	expect(await kept()).toEqual([]);
});
