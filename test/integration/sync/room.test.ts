import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { ulidSource, type EntryId } from '#core/ids.ts';
import { impactOf, theoryOf } from '#core/incident/document.ts';
import { writeEntry } from '#core/incident/entries.ts';
import type { Fact } from '#core/incident/record.ts';
import { readFacts } from '#core/incident/record.ts';
import { SyncPeer } from '../../support/client.ts';
import { testDatabaseUrl } from '../../support/database.ts';
import { callApi, invite, type Answer, type TestPerson } from '../../support/people.ts';
import { startMuster, type Muster } from '../../support/server.ts';
import { stockProvider } from '../../support/stock.ts';
import { until } from '../../support/until.ts';

let muster: Muster;
let ada: TestPerson;
let grace: TestPerson;
let viewer: TestPerson;
let incident: string;
const nextUlid = ulidSource(
	Date.now,
	(bytes) => void crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>),
);

beforeAll(async () => {
	muster = await startMuster({ databaseUrl: await testDatabaseUrl() });
	ada = await invite(muster, 'ada');
	grace = await invite(muster, 'grace');
	viewer = await invite(muster, 'linus', 'viewer');
});
afterAll(() => muster[Symbol.asyncDispose]());

beforeEach(async () => {
	const { body } = await callApi(muster, 'POST /incidents', {
		body: { title: 'checkout is down', severity: 'SEV3' },
	});
	incident = (body as { id: string }).id;
});

function peerOf(person: TestPerson, doc?: Y.Doc): SyncPeer {
	const { syncUrl } = muster;
	return new SyncPeer({ syncUrl, incident, token: person.token, ...(doc && { doc }) });
}

async function comeIn(person: TestPerson): Promise<SyncPeer> {
	const peer = peerOf(person);
	await peer.connect();
	return peer;
}

function command(body: object, person = ada): Promise<Answer> {
	return callApi(muster, `POST /incidents/${incident}/commands`, { body, token: person.token });
}

function logged(doc: Y.Doc): Extract<Fact, { kind: 'logged' }>[] {
	return readFacts(doc).filter((fact) => fact.kind === 'logged');
}

describe('people in one room', () => {
	test('what one types the other sees, and it is acknowledged', async () => {
		using hers = await comeIn(ada);
		using his = await comeIn(grace);
		hers.edit('a', (doc) => impactOf(doc).insert(0, 'checkouts fail'));
		await until('it is seen', () => impactOf(his.doc).toJSON() === 'checkouts fail');
		await hers.saved();
		expect([...hers.acked]).toEqual(['a']);
	});

	test('fifty who come first at the same instant, all typing, read the same', async () => {
		const people = [ada, grace, await invite(muster, 'linus')];
		const peers = Array.from({ length: 50 }, (_, i) => peerOf(people[i % 3] ?? ada));
		await Promise.all(peers.map((peer) => peer.connect()));
		peers.forEach((peer, i) => peer.edit(`${i}`, (doc) => impactOf(doc).insert(0, `<${i}>`)));
		await Promise.all(peers.map((peer) => peer.saved()));
		using reader = await comeIn(ada);
		const text = impactOf(reader.doc).toJSON();
		for (let i = 0; i < 50; i++) expect(text.split(`<${i}>`)).toHaveLength(2);
		await until('all agree', () => peers.every(({ doc }) => impactOf(doc).toJSON() === text));
		for (const peer of peers) peer[Symbol.dispose]();
	});

	test('a stock y-websocket client works unchanged', async () => {
		const doc = new Y.Doc();
		const provider = stockProvider({
			syncUrl: muster.syncUrl,
			incident,
			token: ada.token,
			doc,
		});
		await until('it is synced', () => provider.synced);
		impactOf(doc).insert(0, 'from a stock client');
		using his = await comeIn(grace);
		await until('it is seen', () => impactOf(his.doc).toJSON() === 'from a stock client');
		provider.destroy();
		doc.destroy();
	});

	test('whoever comes and goes five hundred times while typing loses nothing', async () => {
		using hers = peerOf(ada);
		for (let i = 0; i < 500; i++) {
			hers.open();
			hers.edit(`${i}`, (doc) => theoryOf(doc).insert(0, `${i},`));
			await until('it is open', () => hers.isOpen);
			await hers.cut();
		}
		await hers.connect();
		await hers.saved();
		using reader = await comeIn(grace);
		expect(theoryOf(reader.doc).toJSON()).toBe(theoryOf(hers.doc).toJSON());
		expect(hers.acked.size).toBe(500);
	});
});

describe('what the server says about entries', () => {
	test('an entry that somebody writes is logged once, under their name', async () => {
		using hers = await comeIn(ada);
		const id = nextUlid() as EntryId;
		hers.edit('entry', (doc) => {
			writeEntry(doc, id, { kind: 'note', text: 'pool is full', occurredAt: 1.7e12 });
		});
		await until('it is logged', () => logged(hers.doc).length > 0);
		expect(logged(hers.doc)).toMatchObject([{ entry: id, by: ada.id }]);
		// Sending the whole document again logs nothing again.
		hers.sendUpdate(Y.encodeStateAsUpdate(hers.doc));
		hers.edit('more', (doc) => impactOf(doc).insert(0, 'x'));
		await hers.saved();
		expect(logged(hers.doc)).toHaveLength(1);
	});

	test('an entry over the API is in everybody’s document', async () => {
		using hers = await comeIn(ada);
		const { status, body } = await callApi(muster, `POST /incidents/${incident}/entries`, {
			body: { text: 'pool is full' },
			token: grace.token,
		});
		expect(status).toBe(201);
		const { id } = body as { id: string };
		await until('it is here', () => logged(hers.doc).some(({ entry }) => entry === id));
		expect(logged(hers.doc)).toMatchObject([{ entry: id, by: grace.id }]);
	});
});

describe('commands', () => {
	test('of two people who set the severity at once one wins, and the other is told who', async () => {
		using hers = await comeIn(ada);
		const answers = await Promise.all([
			command({ type: 'setSeverity', severity: 'SEV1', expects: 'SEV3' }, ada),
			command({ type: 'setSeverity', severity: 'SEV2', expects: 'SEV3' }, grace),
		]);
		expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
		const refused = answers.find(({ status }) => status === 409);
		expect(JSON.stringify(refused?.body)).toMatch(/(ada|grace) set SEV[12] one second before you/);
		await until('the record tells it', () =>
			readFacts(hers.doc).some((fact) => fact.kind === 'severity' && fact.severity !== 'SEV3'),
		);
		const changes = readFacts(hers.doc).filter(({ kind }) => kind === 'severity');
		expect(changes).toHaveLength(2);
	});

	test('the same key answers with the first result, however often and however close', async () => {
		const body = { type: 'link', url: 'https://example.com/bridge', idempotencyKey: 'k1' };
		const answers = await Promise.all(Array.from({ length: 10 }, () => command(body)));
		expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
		expect(new Set(answers.map((answer) => JSON.stringify(answer.body))).size).toBe(1);
		using reader = await comeIn(ada);
		expect(readFacts(reader.doc).filter(({ kind }) => kind === 'link')).toHaveLength(1);
		const other = await command({ ...body, url: 'https://example.com/other' });
		expect(other.status).toBe(409);
	});

	test('a closed incident takes no more edits, and takes them again once it is reopened', async () => {
		using hers = await comeIn(ada);
		hers.edit('before', (doc) => impactOf(doc).insert(0, 'before'));
		await hers.saved();
		expect((await command({ type: 'setStatus', status: 'resolved' })).status).toBe(200);
		expect((await command({ type: 'close' })).status).toBe(200);
		await until('it is closed here', () =>
			readFacts(hers.doc).some((fact) => fact.kind === 'status' && fact.status === 'closed'),
		);
		hers.edit('after', (doc) => impactOf(doc).insert(0, 'after '));
		expect(await hers.ended()).toMatchObject({
			code: 4403,
			reason: 'This incident is closed and takes no more edits.',
		});
		expect([...hers.acked]).toEqual(['before']);
		expect((await command({ type: 'reopen' })).status).toBe(200);
		await hers.connect();
		await hers.saved();
		using reader = await comeIn(grace);
		expect(impactOf(reader.doc).toJSON()).toBe('after before');
	});
});

describe('who may not', () => {
	test('a viewer reads along, and is sent away with a reason for writing', async () => {
		using hers = await comeIn(ada);
		using watching = await comeIn(viewer);
		hers.edit('a', (doc) => impactOf(doc).insert(0, 'checkouts fail'));
		await until('it is seen', () => impactOf(watching.doc).toJSON() === 'checkouts fail');
		watching.edit('b', (doc) => impactOf(doc).insert(0, 'hacked '));
		expect(await watching.ended()).toMatchObject({
			code: 4403,
			reason: 'You may watch this incident, not change it.',
		});
		expect(watching.acked.size).toBe(0);
		using reader = await comeIn(grace);
		expect(impactOf(reader.doc).toJSON()).toBe('checkouts fail');
	});

	test('a client id belongs to the person who used it first', async () => {
		using hers = await comeIn(ada);
		hers.edit('a', (doc) => impactOf(doc).insert(0, 'a'));
		await hers.saved();
		using forged = await comeIn(grace);
		forged.doc.clientID = hers.doc.clientID;
		forged.edit('b', (doc) => impactOf(doc).insert(0, 'forged'));
		expect((await forged.ended()).code).toBe(4400);
		using reader = await comeIn(grace);
		expect(impactOf(reader.doc).toJSON()).toBe('a');
	});

	test.each([
		['nobody', 401, (_: Muster) => 'a token that is none'],
		['an id that is none', 404, (m: Muster) => m.adminToken],
	])('%s is refused before the upgrade', async (_who, status, tokenOf) => {
		const name = status === 404 ? crypto.randomUUID() : incident;
		const token = tokenOf(muster);
		using peer = new SyncPeer({ syncUrl: muster.syncUrl, incident: name, token });
		peer.open();
		expect((await peer.ended()).code).toBe(status);
	});

	test('a token that is revoked ends its connections', async () => {
		const guest = await invite(muster, 'guest');
		using peer = await comeIn(guest);
		const { status } = await callApi(muster, `DELETE /tokens/${guest.id}`);
		expect(status).toBe(204);
		expect((await peer.ended()).code).toBe(1012);
		peer.open();
		expect((await peer.ended()).code).toBe(401);
	});
});

describe('a message that was lost on the way', () => {
	test('is asked for, nothing is acknowledged meanwhile, and then everything is', async () => {
		using hers = await comeIn(ada);
		await hers.saved();
		const doc = new Y.Doc();
		Y.applyUpdate(doc, Y.encodeStateAsUpdate(hers.doc));
		const updates: Uint8Array[] = [];
		doc.on('update', (update: Uint8Array) => updates.push(update));
		impactOf(doc).insert(0, 'lost');
		impactOf(doc).insert(4, ' and found');
		using his = await comeIn(grace);
		using sender = peerOf(ada, doc);
		sender.open();
		await until('it is open', () => sender.isOpen);
		// It answers the server's first question with what it had before; the first edit never leaves.
		sender.sendUpdate(updates[1] ?? new Uint8Array());
		await until('all is there', () => impactOf(his.doc).toJSON() === 'lost and found');
		await sender.saved();
	});
});
