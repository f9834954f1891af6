import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { verifyStored } from '#server/history/evidence.ts';
import { readHeads, type PublishedHead } from '#server/history/headFile.ts';
import { restMs, tellFile, Telling, tellWebhook, type Tell } from '#server/history/telling.ts';
import { createLog } from '#server/log.ts';
import { Persister } from '#server/persister/persister.ts';
import { openDatabase, type Database } from '#server/storage/database.ts';
import type { Way } from '#server/storage/publishedHeads.ts';
import { testDatabaseUrl } from '../../support/database.ts';
import { TestJournal } from '../../support/journal.ts';
import { callApi, declare } from '../../support/people.ts';
import { startMuster } from '../../support/server.ts';
import { until } from '../../support/until.ts';
import { untried } from '../../support/workbench.ts';

let databaseUrl: string;
let db: Database;
let folder: string;
let file: string;
beforeAll(async () => {
	databaseUrl = await testDatabaseUrl();
	db = openDatabase({ url: databaseUrl }, { max: 4 });
	folder = await mkdtemp(path.join(tmpdir(), 'muster-heads-'));
});
beforeEach(async () => {
	file = path.join(folder, `${crypto.randomUUID()}.jsonl`);
	await db.sql`delete from published_heads`;
	await db.sql`delete from snapshots`;
});
afterAll(async () => {
	await db[Symbol.asyncDispose]();
	await rm(folder, { recursive: true });
});

const log = createLog('silent');
const closing = [{ type: 'setStatus', status: 'resolved' }, { type: 'close' }] as const;

function telling(tell: Tell, way: Way = 'file'): Telling {
	return new Telling({ sql: db.sql, log, way, tell, isEnding: () => false });
}

/** A closed incident with its snapshot. */
async function closed(): Promise<TestJournal> {
	const journal = await TestJournal.declare(db.sql);
	await journal.decides(...closing);
	await derive(journal);
	return journal;
}

async function derive({ document }: TestJournal): Promise<void> {
	await using persister = new Persister({ db, opening: untried(db), log });
	await persister.caughtUp(document);
}

async function told(): Promise<readonly PublishedHead[]> {
	const { heads, unread } = readHeads(await readFile(file, 'utf8'));
	expect(unread).toEqual([]);
	return heads;
}

/** Somebody who takes what is posted, and answers with these statuses, the last one from then on. */
async function receiver(...statuses: readonly number[]) {
	const left = [...statuses];
	const bodies: string[] = [];
	const server: Server = createServer((request, response) => {
		const status = left.length > 1 ? left.shift() : left[0];
		let body = '';
		request.setEncoding('utf8').on('data', (text: string) => (body += text));
		request.on('end', () => {
			bodies.push(body);
			response.writeHead(status ?? 204, { Location: '/elsewhere' }).end();
		});
	});
	await once(server.listen(0, '127.0.0.1'), 'listening');
	const { port } = server.address() as AddressInfo;
	return {
		bodies,
		url: `http://127.0.0.1:${port}/heads?token=secret`,
		async [Symbol.asyncDispose]() {
			server.closeAllConnections();
			server.close();
			await once(server, 'close');
		},
	};
}

test('the head of every snapshot is told once, and what was told verifies', async () => {
	const journal = await closed();
	await telling(tellFile(file)).run();
	await telling(tellFile(file)).run();
	await journal.decides({ type: 'setMilestone', milestone: 'detected', at: 60_000 });
	await derive(journal);
	await telling(tellFile(file)).run();
	const heads = await told();
	expect(heads.map(({ incident, turn }) => [incident, turn])).toEqual([
		[journal.incident, journal.turn - 1],
		[journal.incident, journal.turn],
	]);
	expect(Math.abs((heads[0]?.at ?? 0) - Date.now())).toBeLessThan(60_000);
	expect(await verifyStored(db.sql, journal.document, heads)).toMatchObject({
		verdict: 'authentic',
		upTo: journal.turn,
	});
});

test('a head that was told but not noted is told again, and one that could not be told comes later', async () => {
	const { incident } = await closed();
	const lost: Tell = async (line) => {
		await tellFile(file)(line);
		throw new Error('The machine loses power.');
	};
	await telling(lost).run();
	await telling(tellFile(file)).run();
	expect((await told()).map((head) => head.incident)).toEqual([incident, incident]);
});

test('a line that was torn stays alone', async () => {
	await writeFile(file, '{"incident":"0a');
	const { incident } = await closed();
	await telling(tellFile(file)).run();
	await appendFile(file, 'more');
	const { heads, unread } = readHeads(await readFile(file, 'utf8'));
	expect([heads.map((head) => head.incident), unread]).toEqual([[incident], [1, 3]]);
});

test('where telling fails it rests, ever longer, and begins again with what is the oldest', async () => {
	const [one, other] = [await closed(), await closed()];
	let attempts = 0;
	const failing = telling(async () => {
		attempts += 1;
		throw new Error('no');
	});
	await failing.run();
	await failing.run();
	expect(attempts).toBe(1);
	expect([1, 2, 3, 20].map(restMs)).toEqual([5_000, 10_000, 20_000, 600_000]);
	await telling(tellFile(file)).run();
	expect((await told()).map(({ incident }) => incident)).toEqual([one.incident, other.incident]);
});

test('several who tell at once tell each head once', async () => {
	for (let i = 0; i < 5; i++) await closed();
	const tellings = [1, 2, 3].map(() => telling(tellFile(file)));
	await Promise.all(tellings.map((one) => one.run()));
	for (const one of tellings) await one.run();
	const turns = (await told()).map(({ incident }) => incident);
	expect(turns).toHaveLength(5);
	expect(new Set(turns).size).toBe(5);
});

test('a head is posted, and taken only by whoever says so', async () => {
	const { incident, turn } = await closed();
	const { signal } = new AbortController();
	for (const status of [500, 404, 302]) {
		await using refusing = await receiver(status);
		await telling(tellWebhook(refusing.url, signal), 'webhook').run();
		// Nobody follows it elsewhere.
		expect(refusing.bodies).toHaveLength(1);
	}
	await using taking = await receiver(204);
	await telling(tellWebhook(taking.url, signal), 'webhook').run();
	await telling(tellWebhook(taking.url, signal), 'webhook').run();
	expect(taking.bodies).toHaveLength(1);
	expect(readHeads(taking.bodies[0] ?? '').heads).toMatchObject([{ incident, turn }]);
});

test('a Muster that is told where to tell heads does so soon after a closing, and says no secret', async () => {
	await using taking = await receiver(503, 204);
	const url = await testDatabaseUrl();
	const env = { MUSTER_HEADS_FILE: file, MUSTER_HEADS_WEBHOOK: taking.url };
	await using muster = await startMuster({ databaseUrl: url, env });
	const incident = await declare(muster);
	for (const body of closing) {
		const route = `POST /incidents/${incident}/commands` as const;
		expect((await callApi(muster, route, { body })).status).toBe(200);
	}
	await until('it is told both ways', () => taking.bodies.length === 2, 30_000);
	expect((await told()).map((head) => head.incident)).toEqual([incident]);
	expect(readHeads(taking.bodies[1] ?? '').heads).toEqual(await told());
	await muster.stop();
	expect(muster.output).toContain('heads cannot be told');
	expect(muster.output).not.toContain('secret');
}, 60_000);
