import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type * as Y from 'yjs';
import type { DocumentId } from '#core/ids.ts';
import { impactOf, notesOf, theoryOf } from '#core/incident/document.ts';
import { openDatabase, type Database } from '#server/storage/database.ts';
import { TestApi, type ApiAnswer, type ApiPerson } from '../../support/api.ts';
import { SyncPeer } from '../../support/client.ts';
import { testDatabaseUrl } from '../../support/database.ts';
import { until } from '../../support/until.ts';

let api: TestApi;
let db: Database;
let grace: ApiPerson;
let linus: ApiPerson;
let incident: string;
beforeAll(async () => {
	const url = await testDatabaseUrl();
	db = openDatabase({ url });
	api = await TestApi.start(url);
	grace = await api.invite('Grace');
	linus = await api.invite('Linus', 'viewer');
});
beforeEach(async () => void (incident = await api.declare()));
afterAll(async () => {
	await api[Symbol.asyncDispose]();
	await db[Symbol.asyncDispose]();
});

async function join({ token }: { token: string } = grace): Promise<SyncPeer> {
	const syncUrl = `${api.url.replace('http', 'ws')}/sync`;
	const peer = new SyncPeer({ syncUrl, incident, token });
	await peer.connect();
	return peer;
}

function restore(body: object, { token }: { token: string }): Promise<ApiAnswer> {
	return api.ask(`POST /incidents/${incident}/restore`, { body, token });
}

async function turn(): Promise<number> {
	const [row] = await db.sql<[{ turn: number }]>`
		select turn from documents where id = ${incident}`;
	return row.turn;
}

async function reading(): Promise<{ impact: string; notes: string; timeline: { text: string }[] }> {
	return (await api.ask(`GET /incidents/${incident}`)).body as never;
}

const admin = { token: 'a-token-that-only-tests-know' };
const paragraph = 'Checkout fails for customers of the eastern region since the release. ';

function write(doc: Y.Doc, text: string): void {
	const [first] = notesOf(doc).toArray() as [Y.XmlElement];
	const line = first.get(0) as Y.XmlText;
	line.insert(line.length, text, { bold: {} });
}

test('an earlier version is restored as a change like any other, and the timeline says so', async () => {
	using peer = await join();
	impactOf(peer.doc).insert(0, '18 % of checkouts fail');
	write(peer.doc, 'call the bank');
	await peer.saved();
	const before = await turn();
	using offline = await join();
	await until('the other has it', () => impactOf(offline.doc).length > 0);
	await offline.cut();
	impactOf(peer.doc).delete(0, 22);
	notesOf(peer.doc).delete(0, notesOf(peer.doc).length);
	theoryOf(peer.doc).insert(0, 'a release');
	await peer.saved();
	impactOf(offline.doc).insert(22, ' in the east');
	expect(await restore({ turn: before }, admin)).toMatchObject({
		status: 200,
		body: { facts: [{ kind: 'restored', turn: before }] },
	});
	expect(await reading()).toMatchObject({
		impact: '18 % of checkouts fail',
		notes: '**call the bank**',
		theory: '',
	});
	expect((await reading()).timeline.at(-1)?.text).toMatch(
		/^admin.* restored the impact, theory, notes, tasks and entries as of /i,
	);
	await offline.connect();
	await offline.saved();
	expect((await reading()).impact).toBe('18 % of checkouts fail in the east');
	await until('all read the same', () => impactOf(peer.doc).toJSON().endsWith('east'));
	expect(await turn()).toBeGreaterThan(before);
	expect((await restore({ turn: before }, admin)).status).toBe(200);
	expect((await reading()).impact).toBe('18 % of checkouts fail');
});

test('only an admin restores any version, and nobody a turn that is not there', async () => {
	expect((await restore({ turn: 1 }, grace)).status).toBe(403);
	expect((await restore({ turn: 1 }, linus)).status).toBe(403);
	expect(await restore({ turn: 99 }, admin)).toMatchObject({
		status: 422,
		body: { error: { field: 'turn' } },
	});
	expect((await restore({ turn: 0 }, admin)).status).toBe(422);
	expect((await restore({}, admin)).status).toBe(422);
	expect((await restore({ turn: 1, beforeLastDeletion: true }, admin)).status).toBe(422);
	expect((await restore({ beforeLastDeletion: true }, grace)).status).toBe(409);
});

test('what a big deletion took away is back with one request of anybody who may edit', async () => {
	using peer = await join();
	write(peer.doc, paragraph.repeat(10));
	impactOf(peer.doc).insert(0, 'many');
	await peer.saved();
	const notes = (await reading()).notes;
	const before = await turn();
	notesOf(peer.doc).delete(0, notesOf(peer.doc).length);
	await peer.saved();
	await until('it is told', async () =>
		(await reading()).timeline.some(({ text }) => text === 'Grace deleted all of the notes'),
	);
	impactOf(peer.doc).insert(4, ' customers');
	await peer.saved();
	expect((await restore({ beforeLastDeletion: true }, linus)).status).toBe(403);
	const startedAt = performance.now();
	expect((await restore({ beforeLastDeletion: true }, grace)).status).toBe(200);
	console.log(`back after ${performance.now() - startedAt} ms`);
	expect(await reading()).toMatchObject({ notes, impact: 'many customers' });
	expect((await restore({ beforeLastDeletion: true }, grace)).status).toBe(409);
	await until('the state before it is kept', async () => {
		const rows = await db.sql`
			select turn from checkpoints
			where document = ${incident as DocumentId} and turn = ${before} and lasting`;
		return rows.length === 1;
	});
});

test('the same key restores once', async () => {
	using peer = await join();
	impactOf(peer.doc).insert(0, 'many');
	await peer.saved();
	const before = await turn();
	impactOf(peer.doc).insert(4, ' customers');
	await peer.saved();
	const body = { turn: before, idempotencyKey: 'k' };
	const first = await restore(body, admin);
	impactOf(peer.doc).insert(4, ' people');
	await peer.saved();
	expect((await restore(body, admin)).body).toEqual(first.body);
	expect((await reading()).impact).toBe('many people');
});
