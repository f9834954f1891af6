import { expect, test } from 'vitest';
import { openDatabase } from '#server/storage/database.ts';
import { emptyDatabaseUrl } from '../../support/database.ts';
import { contracting, expanding, newerRelease, newestSchema } from '../../support/newer.ts';
import { callApi } from '../../support/people.ts';
import { seeded } from '../../support/random.ts';
import { openRoom } from '../../support/room.ts';
import { startMuster, type Muster } from '../../support/server.ts';

test('two releases side by side on one database: people on both write, and read the same', async () => {
	const databaseUrl = await emptyDatabaseUrl();
	await using old = await startMuster({ databaseUrl });
	await using newer = await startMuster({ databaseUrl, release: await newerRelease(expanding) });
	await using database = openDatabase({ url: databaseUrl }, { max: 1 });
	await old.restart();
	const syncUrlOf = (name: string) => (name === 'grace' ? newer.syncUrl : old.syncUrl);
	using room = await openRoom(old, seeded(1), { syncUrlOf });
	room.typists.forEach((typist) => typist.type());
	await room.saved();
	for (const muster of [old, newer]) {
		const body = { type: 'setSeverity', severity: muster === old ? 'SEV1' : 'SEV2' };
		const route = `POST /incidents/${room.incident}/commands` as const;
		expect(await callApi(muster, route, { body })).toMatchObject({ status: 200 });
	}
	await database.sql`update incidents set mood = 'tense'`;
	await room.agree();
	await callApi(old, 'POST /incidents', { body: { title: 'search is slow' } });
	const rows = await database.sql`select mood from incidents order by number`;
	expect(rows).toEqual([{ mood: 'tense' }, { mood: 'calm' }]);
	expect(await stateOf(old)).toEqual([200, 'ready']);
	expect(await stateOf(newer)).toEqual([200, 'ready']);
}, 60_000);

test('a node notices that the database is not for it any more, and cannot be started again', async () => {
	const databaseUrl = await emptyDatabaseUrl();
	await using old = await startMuster({ databaseUrl });
	const release = await newerRelease(expanding, contracting);
	await using newer = await startMuster({ databaseUrl, release });
	expect(await stateOf(old)).toEqual([503, 'outgrown']);
	expect(old.output).toContain('replace this node');
	expect(await stateOf(newer)).toEqual([200, 'ready']);
	await expect(old.restart()).rejects.toThrow(
		`This database was made by a newer Muster (it needs one that knows schema ${newestSchema + 2}`,
	);
}, 60_000);

async function stateOf(muster: Muster): Promise<[number, string]> {
	const answer = await fetch(`${muster.url}/readyz`);
	return [answer.status, ((await answer.json()) as { state: string }).state];
}
