import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as Y from 'yjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { retroDocumentOf, type FindingId, type IncidentId, type PersonId } from '#core/ids.ts';
import { createDocument, reportOf } from '#core/incident/document.ts';
import type { HistoryTurn } from '#core/incident/history.ts';
import { bundleFiles, learningFiles } from '#core/review/export/bundleFiles.ts';
import { addCause, writeFinding } from '#core/retro/findings.ts';
import { run } from '#server/cli/muster.ts';
import { verifyStored } from '#server/history/evidence.ts';
import { openDatabase, type Database } from '#server/storage/database.ts';
import { readAwaited } from '#server/storage/retroBoard.ts';
import { encodeFacts, endOfRecord } from '#server/sync/turn/facts.ts';
import { TestApi, type ApiPerson } from '../../support/api.ts';
import {
	exportBundle,
	filesIn,
	forgedRetro,
	historyIn,
	importBundle,
	manifestIn,
	sealed,
	textIn,
	type Files,
} from '../../support/bundles.ts';
import { SyncPeer } from '../../support/client.ts';
import { testDatabaseUrl } from '../../support/database.ts';
import { replayJournal } from '../../support/history.ts';
import { until } from '../../support/until.ts';

let source: TestApi;
let target: TestApi;
let db: Database;
let ada: ApiPerson;
let incident: IncidentId;
let files: Files;
let archive: Buffer<ArrayBuffer>;

beforeAll(async () => {
	source = await TestApi.start(await testDatabaseUrl());
	const url = await testDatabaseUrl();
	target = await TestApi.start(url);
	db = openDatabase({ url });
	ada = await source.invite('Ada');
	incident = (await source.declare('checkout is down')) as IncidentId;
	await learn();
	archive = await exportBundle(source, incident);
	files = await filesIn(archive);
});
afterAll(async () => {
	await db[Symbol.asyncDispose]();
	await source[Symbol.asyncDispose]();
	await target[Symbol.asyncDispose]();
});

async function does(route: string, body: object): Promise<void> {
	const answer = await source.ask(route, { body, token: ada.token });
	expect(answer.status, answer.text).toBeLessThan(300);
}

/** A retrospective that was published once and is being written again, and what is to be done. */
async function learn(): Promise<void> {
	const room = `/incidents/${incident}`;
	const commands = `POST ${room}/retro/commands`;
	await does(`POST ${room}/entries`, { text: 'pool is at 60/60', starred: true });
	await does(`POST ${room}/commands`, { type: 'setStatus', status: 'resolved' });
	await does(`POST ${room}/retro`, { owner: ada.id });
	await writeReport();
	await does(commands, { type: 'comment', text: 'why was the pool so small?' });
	await does(commands, { type: 'setReviewers', people: [ada.id] });
	await does(`POST ${room}/actions`, {
		...{ title: 'Watch the pool', kind: 'detect', owner: ada.id, dueOn: '2026-12-24' },
		link: 'https://tracker.example.com/OPS-1',
	});
	for (const type of ['submit', 'approve', 'publish', 'revise']) await does(commands, { type });
	await does(`POST ${room}/commands`, { type: 'rename', title: 'checkout was down' });
}

async function writeReport(): Promise<void> {
	const syncUrl = `${source.url.replace('http', 'ws')}/sync`;
	using peer = new SyncPeer({ syncUrl, incident: `${incident}/retro`, token: ada.token });
	await peer.connect();
	peer.edit('report', (doc) => {
		const paragraph = new Y.XmlElement('paragraph');
		paragraph.insert(0, [new Y.XmlText('the pool was full')]);
		reportOf(doc).push([paragraph]);
		const finding = '01KAV000000000000000000001' as FindingId;
		writeFinding(doc, finding, { kind: 'factor', text: 'small pool', order: 'V' });
		addCause(doc, finding, { ulid: finding, name: 'capacity' });
	});
	await peer.saved();
}

/** An answer without what is another one here: the number, and what people are called. */
async function answerOf(api: TestApi, route: string): Promise<unknown> {
	const { status, text } = await api.ask(route);
	expect(status, text).toBe(200);
	return JSON.parse(text.replaceAll(' (from muster.test)', ''), (key, value: unknown) =>
		['number', 'mayEdit', 'importedFrom'].includes(key) ? undefined : value,
	);
}

test('tells people what was published last, and what is to be done', () => {
	expect(textIn(files, learningFiles.markdown)).toContain('Version 1, published');
	expect(textIn(files, learningFiles.markdown)).toContain('the pool was full');
	expect(textIn(files, learningFiles.markdown)).toContain('INC-1 checkout is down');
	expect(textIn(files, learningFiles.markdown)).not.toMatch(/ by [\da-f]{8}-/);
	expect(JSON.parse(textIn(files, learningFiles.actions))).toMatchObject([
		{ title: 'Watch the pool', owner: 'Ada', dueOn: '2026-12-24', state: 'open' },
	]);
	expect(textIn(files, bundleFiles.readme)).toContain(learningFiles.markdown);
});

test('a bundle of an incident from which nothing was learnt is one that earlier Musters read', async () => {
	const plain = manifestIn(await filesIn(await exportBundle(source, await source.declare())));
	expect(plain).toMatchObject({ format: 1 });
	expect(manifestIn(files)).toMatchObject({ format: 2 });
});

test('a bundle with a retrospective is verified by its file alone, both histories of it', async () => {
	const folder = await mkdtemp(path.join(tmpdir(), 'muster-learning-'));
	const file = path.join(folder, 'bundle.zip');
	const verified = async (bytes: Uint8Array) => {
		let out = '';
		await writeFile(file, bytes);
		const around = { env: {}, write: (text: string) => (out += text), complain: () => undefined };
		return { code: await run(['verify', file], around), out };
	};
	const whole = await verified(archive);
	expect(whole.code).toBe(0);
	expect(whole.out).toMatch(/^INC-1: consistent, .*\nINC-1 retrospective: consistent, .*\n$/);
	const bent = Buffer.from(archive);
	const inHistory =
		bent.indexOf('retrospective/000001.bin') + 'retrospective/000001.bin'.length + 30;
	bent[inHistory] = (bent[inHistory] ?? 0) ^ 1;
	expect((await verified(bent)).code).toBe(1);
	await rm(folder, { recursive: true });
});

describe('a hostile bundle with a retrospective is refused whole', () => {
	/** What came of an import; what is refused has written nothing anywhere. */
	async function refusalOf(of: Uint8Array<ArrayBuffer>): Promise<string> {
		const { status, body } = await importBundle(target, of);
		const tables = ['incidents', 'documents', 'journal', 'clients', 'actions', 'provenance'];
		const rows = await Promise.all(
			tables.map(async (table) => (await db.sql`select from ${db.sql(table)}`).length),
		);
		expect({ status, rows }).toEqual({ status: 422, rows: tables.map(() => 0) });
		return (body as { error: { message: string } }).error.message;
	}

	/** One more turn of the server's that says this. */
	function saying(turns: readonly HistoryTurn[], body: object): HistoryTurn[] {
		const doc = createDocument('follower');
		for (const { edits } of turns) for (const { bytes } of edits) Y.applyUpdate(doc, bytes);
		const last = turns.at(-1) as HistoryTurn;
		const at = Math.floor(last.at / 1_000);
		const id = '01KAV000000000000000000009';
		const fact = { id, by: ada.id, recordedAt: at, occurredAt: at, ...body } as never;
		const client = 7;
		const bytes = encodeFacts([fact], { client, clock: 0, after: endOfRecord(doc) });
		const edit = { kind: 'facts', person: ada.id, conn: '', n: 0, client, receivedAt: at, bytes };
		const salt = new Uint8Array(16).fill(7);
		const proof = { nonce: '0c000000-0000-4000-8000-000000000001', salt };
		return [...turns, { turn: last.turn + 1, at: last.at, edits: [edit as never], proof }];
	}

	test('a retrospective that is none, or of another incident', async () => {
		const without = await forgedRetro(files, (turns) =>
			turns.slice(1).map((turn, i) => ({ ...turn, turn: i + 1 })),
		);
		expect(await refusalOf(without)).toMatch(
			/Turn 1: .* This is in the retrospective’s history\.$/,
		);
		const odd = await forgedRetro(files, (turns) => saying(turns, { kind: 'renamed', title: 'x' }));
		expect(await refusalOf(odd)).toContain('It holds a fact');
	});

	test('a version that shows the incident as of a turn that it does not have', async () => {
		const later = await forgedRetro(files, (turns) =>
			saying(turns, { kind: 'published', version: 2, incidentTurn: 99 }),
		);
		expect(await refusalOf(later)).toContain('as of a turn that the incident does not have');
	});

	test('an incident whose id is that of a retrospective, or leads to another’s', async () => {
		const manifest = manifestIn(files);
		for (const id of [retroDocumentOf(incident), incident.replace(/^(.{14})4/, '$17')]) {
			const claimed = { ...manifest, incident: { ...manifest.incident, id } };
			expect(await refusalOf(await sealed(files, claimed))).toContain('is not as it should be');
		}
	});

	test('a retrospective that its manifest does not speak of, or the other way round', async () => {
		const { retro, ...manifest } = manifestIn(files);
		expect(retro).toBeDefined();
		const unsaid = await sealed(files, { ...manifest, format: 1 });
		expect(await refusalOf(unsaid)).toContain('is not as it should be');
		const silent = await sealed(files, manifest);
		expect(await refusalOf(silent)).toContain('says nothing of');
		const empty = new Map([...files].filter(([name]) => !name.startsWith('retrospective/')));
		expect(await refusalOf(await sealed(empty, manifestIn(files)))).toContain('Turn 1 is missing');
	});

	test('an action item that leads somewhere else than to a tracker', async () => {
		const [action] = JSON.parse(textIn(files, learningFiles.actions)) as object[];
		const odd = [{ link: 'javascript:alert(1)' }, { state: 'odd' }, { title: ' ' }, { id: 'x' }];
		for (const change of odd) {
			const changed = new Map(files);
			const json = JSON.stringify([{ ...action, ...change }]);
			changed.set(learningFiles.actions, new TextEncoder().encode(json));
			const forged = await sealed(changed, manifestIn(files));
			expect(await refusalOf(forged)).toContain(`${learningFiles.actions} says something else`);
		}
	});
});

test('the retrospective of an imported incident is the identical one, with what was published of it', async () => {
	expect((await importBundle(target, archive)).status).toBe(201);
	const again = await filesIn(await exportBundle(target, incident));
	expect(manifestIn(again).retro?.head).toBe(manifestIn(files).retro?.head);
	expect(historyIn(again, 'retro')).toEqual(historyIn(files, 'retro'));
	expect((await replayJournal(db.sql, retroDocumentOf(incident))).faults).toEqual([]);
	expect(await verifyStored(db.sql, retroDocumentOf(incident), [])).toMatchObject({
		verdict: 'consistent',
	});
	const path = `/incidents/${incident}/retro`;
	expect(await answerOf(target, `GET ${path}`)).toEqual(await answerOf(source, `GET ${path}`));
	await until('its version is kept', async () => {
		return (await target.ask(`GET ${path}/versions/1`)).status === 200;
	});
	const version = `GET ${path}/versions/1`;
	expect(await answerOf(target, version)).toEqual(await answerOf(source, version));
	const found = await target.ask('GET /retros/search?q=pool');
	expect(found.body).toMatchObject({ found: [{ incident: { id: incident }, version: 1 }] });
});

test('nobody of here is asked for what somebody of the source has to do, whatever their id', async () => {
	await db.sql`
		insert into people (id, kind, access, name) values (${ada.id}, 'user', 'responder', 'Namesake')`;
	const { body } = await target.ask('GET /retros');
	expect(body).toMatchObject({ retros: [{ incident: { id: incident }, owner: null }] });
	expect(await readAwaited(db.sql, ada.id as PersonId, 10)).toEqual([]);
	await db.sql`delete from people where id = ${ada.id}`;
});

test('its action items come along, without an owner: their owners are nobody of here', async () => {
	const { body } = await target.ask(`GET /incidents/${incident}/actions`);
	expect(body).toMatchObject({
		actions: [
			{
				...{ title: 'Watch the pool', kind: 'detect', state: 'open', owner: null },
				...{ dueOn: '2026-12-24', link: 'https://tracker.example.com/OPS-1' },
				madeBy: { name: 'Admin token' },
			},
		],
	});
});

test('somebody of here goes on writing it, and publishes a further version', async () => {
	const grace = await target.invite('Grace');
	const commands = `POST /incidents/${incident}/retro/commands`;
	const does = async (body: object) => {
		const answer = await target.ask(commands, { body, token: grace.token });
		expect(answer.status, answer.text).toBe(200);
	};
	const actions = `GET /incidents/${incident}/actions`;
	const list = (await target.ask(actions)).body as { actions: { id: string }[] };
	const own = { body: { owner: grace.id }, token: grace.token };
	const taken = await target.ask(`PATCH /actions/${list.actions[0]?.id}`, own);
	expect(taken.status).toBe(200);
	await does({ type: 'setOwner', person: grace.id });
	await does({ type: 'setReviewers', people: [grace.id] });
	for (const type of ['submit', 'approve', 'publish']) await does({ type });
	const versions = (await target.ask(`GET /incidents/${incident}/retro`)).body;
	expect(versions).toMatchObject({ versions: [{ version: 1 }, { version: 2 }] });
});

test('a retrospective from which something was removed for good can be imported too', async () => {
	const removed = await source.ask(`POST /incidents/${incident}/removals`, {
		body: { text: 'small pool', reason: 'it was not ours to say' },
	});
	expect(removed.status, removed.text).toBe(200);
	const later = await TestApi.start(await testDatabaseUrl());
	const bundle = await exportBundle(source, incident);
	expect((await importBundle(later, bundle)).body).toMatchObject({ id: incident });
	const { text } = await later.ask(`GET /incidents/${incident}/retro`);
	expect(text).toContain('the pool was full');
	expect(text).not.toContain('small pool');
	await later[Symbol.asyncDispose]();
});
