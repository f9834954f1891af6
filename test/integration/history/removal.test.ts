import { spawn } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { TransactionSql } from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type * as Y from 'yjs';
import type { DocumentId } from '#core/ids.ts';
import { impactOf, notesOf, theoryOf } from '#core/incident/document.ts';
import { Packing } from '#server/history/packing.ts';
import { createLog } from '#server/log.ts';
import { Follower } from '#server/persister/follower.ts';
import { isIntact } from '#server/persister/snapshot.ts';
import { keepCheckpoint } from '#server/storage/checkpoints.ts';
import { openDatabase, type Database } from '#server/storage/database.ts';
import { lockDocument } from '#server/storage/documents.ts';
import { keepSnapshot, readSnapshots } from '#server/storage/snapshots.ts';
import { SyncPeer } from '../../support/client.ts';
import { testDatabaseUrl } from '../../support/database.ts';
import { untilDerived } from '../../support/derived.ts';
import { callApi, declare, invite, type Answer, type TestPerson } from '../../support/people.ts';
import { startMuster, type Muster } from '../../support/server.ts';
import { chainFaults, placesOf, sweepDoors, sweepStore } from '../../support/sweep.ts';
import { until } from '../../support/until.ts';

const canary = 'CANARY-7f3a-Ünï';

let databaseUrl: string;
let db: Database;
let near: Muster;
let far: Muster;
let grace: TestPerson;
beforeAll(async () => {
	databaseUrl = await testDatabaseUrl();
	db = openDatabase({ url: databaseUrl });
	near = await startMuster({ databaseUrl });
	far = await startMuster({ databaseUrl });
	grace = await invite(near, 'grace');
});
afterAll(async () => {
	await near[Symbol.asyncDispose]();
	await far[Symbol.asyncDispose]();
	await db[Symbol.asyncDispose]();
});

async function join(incident: string, muster = near): Promise<SyncPeer> {
	const peer = new SyncPeer({ syncUrl: muster.syncUrl, incident, token: grace.token });
	await peer.connect();
	return peer;
}

function command(incident: string, body: object): Promise<Answer> {
	return callApi(near, `POST /incidents/${incident}/commands`, { body });
}

function remove(incident: string, body: object, token?: string): Promise<Answer> {
	const wanted = { reason: 'a key of production', ...body };
	return callApi(near, `POST /incidents/${incident}/removals`, {
		body: wanted,
		...(token && { token }),
	});
}

/** What `muster verify` says of it. */
async function verify(incident: string): Promise<string> {
	const child = spawn(process.execPath, ['server/cli/muster.ts', 'verify', incident], {
		env: { ...process.env, DATABASE_URL: databaseUrl },
	});
	const [said, complained] = await Promise.all([text(child.stdout), text(child.stderr)]);
	return said + complained;
}

function lineOf(doc: Y.Doc): Y.XmlText {
	const [paragraph] = notesOf(doc).toArray() as [Y.XmlElement];
	return paragraph.get(0) as Y.XmlText;
}

/** The canary pasted, typed letter by letter while another types, in a title, a link and an entry. */
async function writeCanaries(incident: string, hers: SyncPeer, his: SyncPeer): Promise<void> {
	impactOf(hers.doc).insert(0, `customers see ${canary} in logs`);
	await hers.saved();
	let typed = '';
	for (const letter of canary) {
		lineOf(hers.doc).insert(typed.length, letter);
		typed += letter;
		theoryOf(his.doc).insert(0, 'y');
		await hers.saved();
		await until('he sees it', () => String(lineOf(his.doc)).startsWith(typed));
		lineOf(his.doc).insert(lineOf(his.doc).length, 'z');
		await his.saved();
	}
	await callApi(near, `POST /incidents/${incident}/entries`, {
		body: { text: `rotate ${canary} now`, idempotencyKey: 'entry-key', actors: canary },
	});
	await command(incident, { type: 'link', url: `https://example.org/${canary}`, title: 'Log' });
	await command(incident, { type: 'rename', title: `leaked: ${canary}`, idempotencyKey: 'title' });
}

const twoNodesMs = 120_000;

test(
	'[K1] a canary that was pasted, typed, and put in a title is nowhere any more once it is removed',
	{ timeout: twoNodesMs },
	async () => {
		const incident = await declare(near, `first ${canary}`);
		const hers = await join(incident);
		const his = await join(incident);
		await writeCanaries(incident, hers, his);
		const offline = await join(incident, far);
		await until('it has all', () => String(lineOf(offline.doc)).startsWith(canary));
		await offline.cut();
		// Their end keeps checkpoints; what follows is derived from those.
		await Promise.all([near.restart(), far.restart()]);
		await hers.connect();
		await his.connect();
		await command(incident, { type: 'setStatus', status: 'resolved' });
		await command(incident, { type: 'close' });
		await untilDerived(db.sql, incident);

		const before = new Map([
			...(await sweepStore(db.sql, incident)),
			...(await sweepDoors(near, incident)),
		]);
		expect(placesOf(before, canary)).toEqual(
			expect.arrayContaining([
				...['table journal', 'table checkpoints', 'table snapshots', 'table projected_entries'],
				...['table projected_incidents', 'checkpoints', 'snapshots', 'history', 'socket'],
				...['GET history', 'GET /incidents?state=all', `GET /incidents/${incident}`],
				...['GET json', 'GET md', 'GET csv', 'GET ics', 'GET bundle'],
				`GET /incidents/${incident}/at?turn=1`,
			]),
		);
		expect(before.get('history')).toContain(`"notes":"${canary}`);
		const answer = await remove(incident, { text: canary, idempotencyKey: 'removal' });
		expect(answer).toMatchObject({ status: 200, body: { facts: [{ kind: 'removed' }] } });
		expect(JSON.stringify(answer.body)).not.toContain(canary);

		const nowhere = async (): Promise<string[]> => [
			...placesOf(await sweepStore(db.sql, incident), canary),
			...placesOf(await sweepDoors(near, incident), canary),
			...placesOf(await sweepDoors(far, incident), canary),
		];
		await untilDerived(db.sql, incident);
		await until('the other node has heard', async () => {
			return !JSON.stringify(await callApi(far, `GET /incidents/${incident}`)).includes(canary);
		});
		expect(await nowhere()).toEqual([]);
		expect(await chainFaults(db.sql, incident)).toEqual([]);
		expect(await verify(incident)).toMatch(/consistent/);
		for (const { doc } of [hers, his]) {
			await until(
				'people see it no more',
				() => impactOf(doc).toJSON() === 'customers see  in logs',
			);
			expect(String(lineOf(doc))).not.toContain('C');
		}

		await command(incident, { type: 'reopen' });
		expect(impactOf(offline.doc).toJSON()).toContain(canary);
		impactOf(offline.doc).insert(0, 'I was offline: ');
		lineOf(offline.doc).insert(3, 'my own words');
		await offline.connect();
		await offline.saved();
		expect(impactOf(offline.doc).toJSON()).toBe('I was offline: customers see  in logs');
		expect(await callApi(far, `GET /incidents/${incident}`)).toMatchObject({
			body: {
				impact: 'I was offline: customers see  in logs',
				notes: expect.stringContaining('my own words') as string,
			},
		});
		await untilDerived(db.sql, incident);
		expect(await nowhere()).toEqual([]);
		expect(await chainFaults(db.sql, incident)).toEqual([]);

		// Going back brings nothing of it back, and asking again under the same key changes nothing.
		expect(
			(await callApi(near, `POST /incidents/${incident}/restore`, { body: { turn: 3 } })).status,
		).toBe(200);
		expect(await remove(incident, { text: canary, idempotencyKey: 'removal' })).toEqual(answer);
		expect(await nowhere()).toEqual([]);
		expect(near.output + far.output).not.toContain(canary);
		for (const peer of [hers, his, offline]) peer[Symbol.dispose]();
	},
);

test('[K2] only an admin removes, and has to say what and why without saying it', async () => {
	const incident = await declare(near, 'the word is letmein9');
	expect((await remove(incident, { text: 'letmein9' }, grace.token)).status).toBe(403);
	expect((await remove(incident, { text: 'let' })).status).toBe(422);
	expect((await remove(incident, { text: 'letmein9', reason: ' ' })).status).toBe(422);
	expect(await remove(incident, { text: 'letmein9', reason: 'letmein9 leaked' })).toMatchObject({
		status: 422,
		body: { error: { field: 'reason' } },
	});
	expect((await remove(incident, {})).status).toBe(422);
	for (const part of ['move', '[removed]', ' removed\r\n']) {
		expect(await remove(incident, { text: part })).toMatchObject({
			status: 422,
			body: { error: { field: 'text' } },
		});
	}
	expect((await remove(incident, { text: 'letmein9', task: incident })).status).toBe(422);
	expect((await remove(incident, { text: 'letmein8' })).status).toBe(404);
	expect((await remove('4711', { text: 'letmein9' })).status).toBe(404);
	expect(placesOf(await sweepStore(db.sql, incident), 'letmein9')).not.toEqual([]);
});

test('[K3] all words of an entry are gone with one request, and the timeline says by whom and why', async () => {
	const incident = await declare(near);
	const { body } = await callApi(near, `POST /incidents/${incident}/entries`, {
		body: { text: 'the password is hunter2', idempotencyKey: 'k' },
	});
	const answer = await remove(incident, { entry: (body as { id: string }).id });
	expect(answer.body).toMatchObject({
		facts: [{ text: 'Admin token removed a part of the entries for good: a key of production' }],
	});
	expect(placesOf(await sweepStore(db.sql, incident), 'hunter2')).toEqual([]);
	const reading = await callApi(near, `GET /incidents/${incident}`);
	expect(JSON.stringify(reading)).toContain((body as { id: string }).id);
});

test('[K4] two admins who remove at once both have their way', async () => {
	const incident = await declare(near, 'first-secret and second-secret');
	using peer = await join(incident);
	impactOf(peer.doc).insert(0, 'second-secret, then first-secret');
	await peer.saved();
	const answers = await Promise.all([
		remove(incident, { text: 'first-secret' }),
		remove(incident, { text: 'second-secret' }),
	]);
	expect(answers.map(({ status }) => status)).toEqual([200, 200]);
	const sweep = await sweepStore(db.sql, incident);
	expect([...placesOf(sweep, 'first-secret'), ...placesOf(sweep, 'second-secret')]).toEqual([]);
	expect(await chainFaults(db.sql, incident)).toEqual([]);
});

test('[K5] it is gone from segments too, and what somebody still had in memory is not kept', async () => {
	const incident = (await declare(near)) as DocumentId;
	using peer = await join(incident);
	impactOf(peer.doc).insert(0, 'the password is swordfish');
	await peer.saved();
	await command(incident, { type: 'setStatus', status: 'resolved' });
	await command(incident, { type: 'close' });
	await untilDerived(db.sql, incident);
	const log = createLog('silent');
	await new Packing({ sql: db.sql, log, sealedMs: 0, isEnding: () => false }).run();
	const [row] = await db.sql`select from segments where document = ${incident}`;
	expect(row).toBeDefined();
	using late = Follower.open(incident, null);
	await Array.fromAsync(late.advance(db.sql));
	const [snapshot] = await readSnapshots(db.sql, incident);

	expect((await remove(incident, { text: 'swordfish' })).status).toBe(200);
	expect(placesOf(await sweepStore(db.sql, incident), 'swordfish')).toEqual([]);
	expect(await chainFaults(db.sql, incident)).toEqual([]);
	const [after] = await readSnapshots(db.sql, incident);
	expect(after).toMatchObject({ turn: snapshot?.turn, head: snapshot?.head });
	expect(after && isIntact(after)).toBe(true);
	await keepCheckpoint(db.sql, incident, late.encode());
	if (snapshot) await keepSnapshot(db.sql, incident, { ...snapshot, turn: 1 });
	expect(placesOf(await sweepStore(db.sql, incident), 'swordfish')).toEqual([]);
});

test('[K6] what the command is given by its input is removed, and printed nowhere', async () => {
	const incident = await declare(near, 'the word is hunter2');
	const child = spawn(
		process.execPath,
		['server/cli/muster.ts', 'remove', incident, '--text', '-', '--reason', 'a password'],
		{ env: { ...process.env, MUSTER_URL: near.url, MUSTER_TOKEN: near.adminToken } },
	);
	child.stdin.end('hunter2\n');
	const printed = await text(child.stdout);
	expect(printed).toBe('Admin token removed a part of the record for good: a password\n');
	expect(await callApi(near, `GET /incidents/${incident}`)).toMatchObject({
		body: { title: 'the word is [removed]' },
	});
});

test('[K9] nothing is removed while edits wait on this node that may hold it', async () => {
	const incident = await declare(near, 'it is opensesame');
	expect((await callApi(near, `GET /incidents/${incident}`)).status).toBe(200);
	const file = path.join(near.dataDir, 'unsaved', `${incident}.1.turns`);
	await mkdir(path.dirname(file), { recursive: true });
	await writeFile(file, '');
	const refused = await remove(incident, { text: 'opensesame' });
	expect(refused).toMatchObject({
		status: 503,
		body: { error: { message: expect.stringContaining('not saved yet') as string } },
	});
	await rm(file);
	expect((await remove(incident, { text: 'opensesame' })).status).toBe(200);
	expect(placesOf(await sweepStore(db.sql, incident), 'opensesame')).toEqual([]);
});

/** Lets somebody act while a removal has looked through the history and waits to write what it found. */
async function beforeItWrites(
	incident: string,
	asking: () => Promise<Answer>,
	act: (tx: TransactionSql) => Promise<unknown>,
): Promise<Answer> {
	const { answer } = await db.sql.begin(async (tx) => {
		await lockDocument(tx, incident as DocumentId);
		const answer = asking();
		await until('the removal waits', async () => {
			const rows = await db.sql`
				select from pg_stat_activity
				where wait_event_type = 'Lock' and datname = current_database()`;
			return rows.length > 0;
		});
		await act(tx);
		return { answer };
	});
	return answer;
}

test('[K5] a snapshot that is kept while it is looked for does not hold it', async () => {
	const incident = (await declare(near)) as DocumentId;
	using peer = await join(incident);
	impactOf(peer.doc).insert(0, 'the password is swordfish');
	await peer.saved();
	await command(incident, { type: 'setStatus', status: 'resolved' });
	await command(incident, { type: 'close' });
	await untilDerived(db.sql, incident);
	const [snapshot] = await readSnapshots(db.sql, incident);
	await db.sql`delete from snapshots where document = ${incident}`;
	const answer = await beforeItWrites(
		incident,
		() => remove(incident, { text: 'swordfish' }),
		(tx) => (snapshot ? keepSnapshot(tx, incident, snapshot) : Promise.resolve()),
	);
	expect(answer.status).toBe(200);
	expect((await readSnapshots(db.sql, incident)).map(({ turn }) => turn)).toContain(snapshot?.turn);
	expect(placesOf(await sweepStore(db.sql, incident), 'swordfish')).toEqual([]);
});

test('a request that is repeated removes what came since, and another text under its key too', async () => {
	const incident = await declare(near, 'first-secret and other-secret');
	using peer = await join(incident);
	const asked = { text: 'first-secret', idempotencyKey: 'again' };
	expect((await remove(incident, asked)).body).toMatchObject({ facts: [{ kind: 'removed' }] });
	impactOf(peer.doc).insert(0, 'it was first-secret');
	await peer.saved();
	const repeated = await remove(incident, asked);
	expect((repeated.body as { facts: object[] }).facts).toHaveLength(2);
	expect(placesOf(await sweepStore(db.sql, incident), 'first-secret')).toEqual([]);
	expect(await remove(incident, asked)).toEqual(repeated);
	expect((await remove(incident, { ...asked, text: 'other-secret' })).status).toBe(200);
	expect(placesOf(await sweepStore(db.sql, incident), 'other-secret')).toEqual([]);
});
