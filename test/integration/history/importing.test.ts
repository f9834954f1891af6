import { randomUUID } from 'node:crypto';
import * as Y from 'yjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DocumentId, PersonId } from '#core/ids.ts';
import { createDocument, impactOf, notesOf } from '#core/incident/document.ts';
import { bundleFiles } from '#core/review/export/bundleFiles.ts';
import { readStays } from '#core/review/export/manifest.ts';
import { systemPerson } from '#server/auth/systemPerson.ts';
import { verifyStored } from '#server/history/evidence.ts';
import { openDatabase, type Database } from '#server/storage/database.ts';
import { readHead } from '#server/storage/documents.ts';
import { passOver, readLeftOut } from '#server/storage/quarantines.ts';
import { readSnapshots } from '#server/storage/snapshots.ts';
import { TestApi } from '../../support/api.ts';
import {
	exportBundle,
	filesIn,
	historyIn,
	importBundle,
	manifestIn,
	textIn,
} from '../../support/bundles.ts';
import { contentOf } from '../../support/content.ts';
import { testDatabaseUrl } from '../../support/database.ts';
import { untilDerived } from '../../support/derived.ts';
import { replayJournal } from '../../support/history.ts';
import { longIncident, storeIncident } from '../../support/longIncident.ts';
import { newSeed, seeded } from '../../support/random.ts';
import { openRoom, type TestRoom } from '../../support/room.ts';
import { startMuster, type Muster } from '../../support/server.ts';
import { timelineNames, timelineText } from '../../support/timelines.ts';

interface Reading {
	readonly id: string;
	readonly number: number;
	readonly importedFrom: object | null;
	readonly declaredBy: { readonly id: string; readonly name: string };
}

let sourceUrl: string;
let targetUrl: string;
let source: Muster;
let target: TestApi;
let db: { source: Database; target: Database };

beforeAll(async () => {
	[sourceUrl, targetUrl] = [await testDatabaseUrl(), await testDatabaseUrl()];
	source = await startMuster({
		databaseUrl: sourceUrl,
		env: { PUBLIC_URL: 'https://ops.example.com' },
	});
	target = await TestApi.start(targetUrl);
	// Numbers of here are others than those of there.
	for (let i = 0; i < 5; i++) await target.declare('something else');
	db = { source: openDatabase({ url: sourceUrl }), target: openDatabase({ url: targetUrl }) };
});
afterAll(async () => {
	await db.source[Symbol.asyncDispose]();
	await db.target[Symbol.asyncDispose]();
	await target[Symbol.asyncDispose]();
	await source[Symbol.asyncDispose]();
});

async function readAt({ url, adminToken }: Pick<Muster, 'url' | 'adminToken'>, id: string) {
	const headers = { Authorization: `Bearer ${adminToken}` };
	return (await (await fetch(`${url}/api/v1/incidents/${id}`, { headers })).json()) as Reading;
}

/** A reading without what is another one here: the number, and what people are called. */
function comparable(reading: object): unknown {
	const names = (text: string) => text.replaceAll(' (from ops.example.com)', '');
	return JSON.parse(
		JSON.stringify(reading, (key, value: unknown) => {
			if (key === 'number' || key === 'importedFrom') return undefined;
			return typeof value === 'string' ? names(value) : value;
		}),
	) as unknown;
}

describe('an incident of another Muster', () => {
	const random = seeded(newSeed('importing'));
	let room: TestRoom;
	let archive: Buffer<ArrayBuffer>;

	beforeAll(async () => {
		room = await openRoom(source, random);
		room.type(40);
		for (let i = 0; i < 8; i++) {
			for (const caller of room.callers) {
				await caller.call(i % 2 === 0 ? 'entry' : 'link');
				await caller.call('rename');
			}
		}
		room.rest();
		await room.saved();
		archive = await exportBundle(source, room.incident);
	});
	afterAll(() => room[Symbol.dispose]());

	test('[E4] is the identical one: its head, its bytes of history, its document', async () => {
		const before = await filesIn(archive);
		const { status, body } = await importBundle(target, archive);
		expect(body).toMatchObject({ id: room.incident, knownTurn: null });
		expect(status).toBe(201);
		const after = await filesIn(await exportBundle(target, room.incident));
		expect(manifestIn(after).head).toBe(manifestIn(before).head);
		expect(historyIn(after)).toEqual(historyIn(before));
		const [there, here] = [
			await replayJournal(db.source.sql, room.incident),
			await replayJournal(db.target.sql, room.incident),
		];
		expect([there.faults, here.faults]).toEqual([[], []]);
		expect(here.turns).toBeGreaterThan(50);
		expect(contentOf(here.doc)).toEqual(contentOf(there.doc));
		const [rowThere] = await db.source
			.sql`select turn, at, head from documents where id = ${room.incident}`;
		const [rowHere] = await db.target
			.sql`select turn, at, head from documents where id = ${room.incident}`;
		expect(rowHere).toEqual(rowThere);
	});

	test('[E5] reads the same, under a number of here, and its people are the source’s', async () => {
		const there = await readAt(source, room.incident);
		const here = await readAt(target, room.incident);
		expect(comparable(here)).toEqual(comparable(there));
		expect(here.number).not.toBe(there.number);
		expect(here.declaredBy.name).toBe('Admin token (from ops.example.com)');
		expect(here.importedFrom).toMatchObject({
			source: 'ops.example.com',
			number: there.number,
			by: { name: 'Admin token' },
			headKnown: false,
			knownTurn: null,
		});
		expect(there.importedFrom).toBe(null);
		const byNumber = await target.ask(`GET /incidents/${here.number}`);
		expect(byNumber.body).toMatchObject({ id: room.incident });
		const { body } = await target.ask('GET /incidents');
		const row = (body as { incidents: Reading[] }).incidents.find(({ id }) => id === room.incident);
		expect(row?.number).toBe(here.number);
	});

	test('[E4] is not taken twice', async () => {
		const { number } = await readAt(target, room.incident);
		const again = await importBundle(target, archive);
		expect(again).toMatchObject({
			status: 409,
			body: { error: { message: `This incident is here already, as INC-${number}.` } },
		});
	});

	test('goes on here, under client ids of its own', async () => {
		const ada = await target.invite('Ada of here');
		const { status, body } = await target.ask(`POST /incidents/${room.incident}/entries`, {
			token: ada.token,
			body: { text: 'we looked at it here' },
		});
		expect([status, body]).toMatchObject([201, { by: { id: ada.id, name: 'Ada of here' } }]);
		expect((await replayJournal(db.target.sql, room.incident)).faults).toEqual([]);
	});
});

describe('a head that somebody knows', () => {
	test('[E6] must be in the chain: then it vouches for the history up to its turn', async () => {
		await using other = await TestApi.start(await testDatabaseUrl());
		const id = await declareAt(source, 'known by its head');
		const archive = await exportBundle(source, id);
		const { head, turns } = manifestIn(await filesIn(archive));
		const wrong = await importBundle(other, archive, { head: head.replace(/^./, 'x') });
		expect(wrong.status).toBe(422);
		const foreign = await importBundle(other, archive, { head: '0'.repeat(64) });
		expect(foreign).toMatchObject({
			status: 422,
			body: { error: { message: expect.stringContaining('is not in its chain') } },
		});
		const { status, body } = await importBundle(other, archive, { head });
		expect([status, body]).toMatchObject([201, { knownTurn: turns }]);
		expect(await readAt(other, id)).toMatchObject({ importedFrom: { headKnown: true } });
	});
});

describe('whatever happened in it', () => {
	test('[E4] on two nodes, undone, restored, removed, closed: it is the identical one', async () => {
		await using far = await startMuster({ databaseUrl: sourceUrl });
		const syncUrlOf = (name: string) => (name === 'grace' ? far.syncUrl : undefined);
		using room = await openRoom(source, seeded(newSeed('whatever')), { syncUrlOf });
		const { incident } = room;
		const command = (body: object) => ask(source, `/incidents/${incident}/commands`, body);
		room.type(60);
		for (let i = 0; i < 10; i++) for (const caller of room.callers) await caller.call('entry');
		await room.typists[1]?.peer.cut();
		room.typists[1]?.type();
		for (const caller of room.callers) await caller.call('rename');
		await room.typists[1]?.peer.connect();
		room.rest();
		await room.saved();
		const [hers] = room.typists;
		if (!hers) throw new Error('Nobody is here.');
		const secret = 'a-secret-of-production';
		impactOf(hers.peer.doc).insert(0, secret);
		await hers.peer.saved();
		await command({ type: 'link', url: `https://example.com/${secret}`, title: 'Log' });
		const turn = await turnOf(incident);
		const notes = notesOf(hers.peer.doc);
		notes.delete(0, notes.length);
		impactOf(hers.peer.doc).delete(secret.length, impactOf(hers.peer.doc).length - secret.length);
		await hers.peer.saved();
		expect(await ask(source, `/incidents/${incident}/restore`, { turn })).toBe(200);
		const removal = { text: secret, reason: 'a key' };
		expect(await ask(source, `/incidents/${incident}/removals`, removal)).toBe(200);
		await command({ type: 'setStatus', status: 'resolved' });
		await command({ type: 'close' });
		await command({ type: 'setMilestone', milestone: 'detected', at: '2026-11-24T02:13:00Z' });
		await untilDerived(db.source.sql, incident);

		const archive = await exportBundle(source, incident);
		expect(await importBundle(target, archive)).toMatchObject({ status: 201 });
		await untilDerived(db.target.sql, incident);
		const [there, here] = [
			await filesIn(archive),
			await filesIn(await exportBundle(target, incident)),
		];
		expect(historyIn(here)).toEqual(historyIn(there));
		expect(manifestIn(here).clients).toEqual(manifestIn(there).clients);
		const id = incident as DocumentId;
		expect(await readSnapshots(db.target.sql, id)).toEqual(await readSnapshots(db.source.sql, id));
		expect(comparable(await readAt(target, incident))).toEqual(
			comparable(await readAt(source, incident)),
		);
		const verdicts = [db.source, db.target].map(({ sql }) => verifyStored(sql, id, []));
		expect((await Promise.all(verdicts)).map((one) => one?.verdict)).toEqual([
			'consistent',
			'consistent',
		]);
		const sealed = [db.source, db.target].map(
			({ sql }) => sql`select sealed_at from documents where id = ${incident}`,
		);
		const [sealedThere, sealedHere] = await Promise.all(sealed);
		expect(sealedHere).toEqual(sealedThere);
		expect(readStays(JSON.parse(textIn(here, bundleFiles.attendance)))).toEqual(
			readStays(JSON.parse(textIn(there, bundleFiles.attendance))),
		);
	}, 120_000);

	test('[E4] turns that are passed over there are passed over here', async () => {
		const incident = await declareAt(source, 'with a turn that is passed over');
		await ask(source, `/incidents/${incident}/entries`, { text: 'this one is passed over' });
		const turn = await turnOf(incident);
		const passed = { from: turn, to: turn, by: systemPerson, why: 'it takes too long' };
		await db.source.sql.begin((tx) => passOver(tx, incident as DocumentId, passed));
		const archive = await exportBundle(source, incident);
		expect((await importBundle(target, archive)).status).toBe(201);
		expect(await readLeftOut(db.target.sql, incident as DocumentId)).toEqual(
			await readLeftOut(db.source.sql, incident as DocumentId),
		);
		expect(JSON.stringify(await readAt(target, incident))).not.toContain('this one is passed over');
		const [there, here] = [
			await filesIn(archive),
			await filesIn(await exportBundle(target, incident)),
		];
		expect(historyIn(here)).toEqual(historyIn(there));
	});
});

describe('every timeline', () => {
	test.each(timelineNames)('%s reads the same in another Muster', async (name) => {
		const made = await fetch(`${source.url}/api/v1/imports/timeline`, {
			method: 'POST',
			headers: {
				Authorization: `Bearer ${source.adminToken}`,
				'Content-Type': 'application/json',
			},
			body: timelineText(name),
		});
		const { id } = (await made.json()) as { id: string };
		const archive = await exportBundle(source, id);
		expect((await importBundle(target, archive)).status).toBe(201);
		expect(comparable(await readAt(target, id))).toEqual(comparable(await readAt(source, id)));
		const [there, here] = [await filesIn(archive), await filesIn(await exportBundle(target, id))];
		expect(historyIn(here)).toEqual(historyIn(there));
		const csv = (files: typeof here) =>
			textIn(files, bundleFiles.csv).replaceAll(' (from ops.example.com)', '');
		expect(csv(here)).toBe(csv(there));
	});
});

test('[E4] a timeline of thousands of entries, all of one turn, is the identical one too', async () => {
	const entries = Array.from({ length: 3_000 }, (_, i) => {
		const at = new Date(Date.UTC(2026, 0, 1) + i * 60_000).toISOString();
		return { at, kind: 'note', text: `line ${i}` };
	});
	const made = await fetch(`${source.url}/api/v1/imports/timeline`, {
		method: 'POST',
		headers: {
			Authorization: `Bearer ${source.adminToken}`,
			'Content-Type': 'application/json',
		},
		body: JSON.stringify({ title: 'a long day', entries }),
	});
	const { id } = (await made.json()) as { id: string };
	const archive = await exportBundle(source, id);
	expect(await importBundle(target, archive)).toMatchObject({ status: 201 });
	const [there, here] = [await filesIn(archive), await filesIn(await exportBundle(target, id))];
	expect(historyIn(here)).toEqual(historyIn(there));
});

test('[E4] a history of 12,000 turns is taken in stretches, however long it is', async () => {
	const people = Array.from({ length: 3 }, () => randomUUID() as PersonId);
	const long = { edits: 12_000, people: 3, hours: 2, seed: newSeed('long') };
	const turns = longIncident(long, Date.now() - 48 * 3_600_000, people);
	const { id } = await storeIncident({ url: sourceUrl }, people, turns);
	const archive = await exportBundle(source, id);
	const { status, body } = await importBundle(target, archive);
	expect([status, body]).toMatchObject([201, { id, turns: turns.length }]);
	const [there, here] = [await filesIn(archive), await filesIn(await exportBundle(target, id))];
	expect(historyIn(here)).toEqual(historyIn(there));
}, 120_000);

test('[E4] a history of large turns comes in smaller files, and is taken', async () => {
	const people = [randomUUID() as PersonId];
	const long = { edits: 20, people: 1, hours: 1, seed: newSeed('large turns') };
	const turns = longIncident(long, Date.now() - 48 * 3_600_000, people);
	const doc = createDocument('editing');
	for (const { edits } of turns) for (const { bytes } of edits) Y.applyUpdate(doc, bytes);
	const [edit] = turns[1]?.edits ?? [];
	if (!edit) throw new Error('Nobody wrote anything.');
	doc.clientID = edit.client;
	const random = seeded(newSeed('large texts'));
	const large = Array.from({ length: 6 }, (_, i) => {
		const before = Y.encodeStateVector(doc);
		const text = Array.from({ length: 1_000_000 }, () => String.fromCharCode(97 + random() * 26));
		impactOf(doc).insert(0, text.join(''));
		const bytes = Y.encodeStateAsUpdate(doc, before);
		const last = turns.at(-1);
		const [turn, at] = [(last?.turn ?? 0) + 1 + i, last?.at ?? 0];
		return { turn, at, edits: [{ ...edit, n: 1_000 + i, bytes }] };
	});
	const { id } = await storeIncident({ url: sourceUrl }, people, [...turns, ...large]);
	const archive = await exportBundle(source, id);
	const there = historyIn(await filesIn(archive));
	expect(there.length).toBeGreaterThan(1);
	for (const bytes of there) expect(bytes.length).toBeLessThan(5 * 1024 * 1024);
	expect(await importBundle(target, archive)).toMatchObject({ status: 201, body: { id } });
	expect(historyIn(await filesIn(await exportBundle(target, id)))).toEqual(there);
}, 60_000);

async function declareAt(muster: Muster, title: string): Promise<string> {
	const { url, adminToken } = muster;
	const response = await fetch(`${url}/api/v1/incidents`, {
		method: 'POST',
		headers: { Authorization: `Bearer ${adminToken}`, 'Content-Type': 'application/json' },
		body: JSON.stringify({ title }),
	});
	return ((await response.json()) as { id: string }).id;
}

async function ask({ url, adminToken }: Muster, path: string, body: object): Promise<number> {
	const response = await fetch(`${url}/api/v1${path}`, {
		method: 'POST',
		headers: { Authorization: `Bearer ${adminToken}`, 'Content-Type': 'application/json' },
		body: JSON.stringify(body),
	});
	await response.text();
	return response.status;
}

async function turnOf(incident: string): Promise<number> {
	return (await readHead(db.source.sql, incident as DocumentId))?.turn ?? 0;
}
