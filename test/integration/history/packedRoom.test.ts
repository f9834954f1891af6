import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DocumentId } from '#core/ids.ts';
import { impactOf } from '#core/incident/document.ts';
import { openDatabase, type Database } from '#server/storage/database.ts';
import { readTurns } from '#server/storage/history.ts';
import { SyncPeer } from '../../support/client.ts';
import { testDatabaseUrl } from '../../support/database.ts';
import { callApi, declare, invite, type TestPerson } from '../../support/people.ts';
import { startMuster, type Muster } from '../../support/server.ts';
import { until } from '../../support/until.ts';

let muster: Muster;
let db: Database;
let ada: TestPerson;
let incident: string;
beforeAll(async () => {
	const databaseUrl = await testDatabaseUrl();
	db = openDatabase({ url: databaseUrl }, { max: 2 });
	muster = await startMuster({ databaseUrl });
	ada = await invite(muster, 'ada');
	incident = await declare(muster);
});
afterAll(async () => {
	await muster[Symbol.asyncDispose]();
	await db[Symbol.asyncDispose]();
});

async function command(body: object): Promise<void> {
	const answer = await callApi(muster, `POST /incidents/${incident}/commands`, { body });
	expect(answer).toMatchObject({ status: 200 });
}

async function types(text: string): Promise<void> {
	using hers = new SyncPeer({ syncUrl: muster.syncUrl, incident, token: ada.token });
	await hers.connect();
	for (const letter of text) hers.edit(letter, (doc) => impactOf(doc).insert(0, letter));
	await hers.saved();
}

async function impact(): Promise<unknown> {
	const { body } = await callApi(muster, `GET /incidents/${incident}`);
	return (body as { impact: string }).impact;
}

/** The incident was closed more than a week ago, and Muster starts: what is in the journal is packed. */
async function packed(): Promise<void> {
	await command({ type: 'setStatus', status: 'resolved' });
	await command({ type: 'close' });
	await db.sql`update documents set sealed_at = now() - interval '8 days'`;
	await muster.restart();
	await until('it is packed', async () => {
		return (await db.sql`select from journal where document = ${incident}`).length === 0;
	});
}

test('an incident that was packed opens, is restored, reopened and edited as any other', async () => {
	await types('cba');
	await packed();
	await db.sql`delete from checkpoints`;
	await muster.restart();
	expect(await impact()).toBe('abc');
	await command({ type: 'reopen' });
	await types('zyx');
	expect(await impact()).toBe('xyzabc');
	const turn = await firstClosing();
	const restored = await callApi(muster, `POST /incidents/${incident}/restore`, { body: { turn } });
	expect(restored).toMatchObject({ status: 200 });
	expect(await impact()).toBe('abc');
	await packed();
	expect(await impact()).toBe('abc');
	const turns = await Array.fromAsync(readTurns(db.sql, incident as DocumentId, 0));
	expect(turns.map((row) => row.turn)).toEqual(turns.map((_, i) => i + 1));
}, 120_000);

/** The turn that closed the incident first. */
async function firstClosing(): Promise<number> {
	const [row] = await db.sql<[{ turn: number }]>`
		select turn from snapshots where document = ${incident} order by turn limit 1`;
	return row.turn;
}
