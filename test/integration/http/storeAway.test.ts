import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '#server/storage/database.ts';
import { TestApi } from '../../support/api.ts';
import { startPostgres, type OwnPostgres } from '../../support/postgres.ts';
import { until } from '../../support/until.ts';

let postgres: OwnPostgres;
let api: TestApi;
let incident: string;
beforeAll(async () => {
	postgres = await startPostgres();
	api = await TestApi.start(postgres.url);
	incident = await api.declare();
});
afterEach(async () => {
	postgres.wire.open();
	await until('the store is there', async () => (await readiness()) === 'ready');
});
afterAll(async () => {
	await api[Symbol.asyncDispose]();
	await postgres[Symbol.asyncDispose]();
});

async function readiness(): Promise<string> {
	const { status, body } = await api.ask('GET //readyz');
	expect(status).toBe(200);
	return (body as { state: string }).state;
}

interface Timeline {
	readonly timeline: readonly { text: string }[];
}

async function texts(): Promise<string[]> {
	const { body } = await api.ask(`GET /incidents/${incident}`);
	return (body as Timeline).timeline.map(({ text }) => text);
}

async function titles(): Promise<string[]> {
	const { body } = await api.ask('GET /incidents');
	return (body as { incidents: { title: string }[] }).incidents.map(({ title }) => title);
}

const unavailable = { status: 503, body: { error: { code: 'unavailable' } } };

test.each(['cut', 'freeze'] as const)(
	'with the store %s, what waits for too long is withdrawn: 503 and nothing written',
	async (how) => {
		const before = await texts();
		postgres.wire[how]();
		const answers = await Promise.all([
			api.ask('POST /incidents', { body: { title: `declared while ${how}` } }),
			api.ask(`POST /incidents/${incident}/entries`, { body: { text: `logged while ${how}` } }),
			api.ask(`POST /incidents/${incident}/commands`, {
				body: { type: 'rename', title: `renamed while ${how}` },
			}),
			api.ask('GET /incidents'),
		]);
		for (const answer of answers) {
			expect(answer).toMatchObject(unavailable);
			expect(answer.headers.get('retry-after')).toBe('1');
		}
		expect(await readiness()).toBe('degraded');
		postgres.wire.open();
		await until('the store is there', async () => (await readiness()) === 'ready');
		expect(await texts()).toEqual(before);
		expect(await titles()).not.toContain(`declared while ${how}`);
	},
);

test.each(['cut', 'freeze'] as const)(
	'with the store %s for a moment, what waits is written once',
	async (how) => {
		postgres.wire[how]();
		const text = `logged soon after ${how}`;
		const title = `declared soon after ${how}`;
		const asked = Promise.all([
			api.ask('POST /incidents', { body: { title } }),
			api.ask(`POST /incidents/${incident}/entries`, { body: { text } }),
		]);
		await until('the store is missed', async () => (await readiness()) === 'degraded');
		postgres.wire.open();
		for (const { status } of await asked) expect(status).toBe(201);
		expect((await texts()).filter((one) => one === text)).toHaveLength(1);
		expect((await titles()).filter((one) => one === title)).toHaveLength(1);
	},
);

/** Makes writing an incident take longer than anybody waits, when it is written or when it is committed. */
async function slowly(when: 'at once' | 'deferred', work: () => Promise<void>): Promise<void> {
	await using db = openDatabase({ url: postgres.url }, { max: 1 });
	await db.sql`
		create function linger() returns trigger language plpgsql as $$
		begin perform pg_sleep(7); return new; end $$`;
	await db.sql.unsafe(`
		create constraint trigger linger after insert on incidents
		deferrable initially ${when === 'deferred' ? 'deferred' : 'immediate'}
		for each row execute function linger()`);
	try {
		await work();
	} finally {
		// Waits for whoever is still writing.
		await db.sql`drop function linger() cascade`;
	}
}

test('a declaration that is withdrawn before its commit is never written', async () => {
	const body = { title: 'withdrawn', idempotencyKey: 'withdrawn' };
	await slowly('at once', async () => {
		expect(await api.ask('POST /incidents', { body })).toMatchObject(unavailable);
	});
	expect(await titles()).not.toContain('withdrawn');
	expect((await api.ask('POST /incidents', { body })).status).toBe(201);
});

test('a declaration whose commit is not answered is unclear, and its key tells', async () => {
	const body = { title: 'unclear', idempotencyKey: 'unclear' };
	await slowly('deferred', async () => {
		expect(await api.ask('POST /incidents', { body })).toMatchObject({
			status: 504,
			body: { error: { code: 'unclear' } },
		});
	});
	expect(await api.ask('POST /incidents', { body })).toMatchObject({
		status: 200,
		body: { title: 'unclear' },
	});
	await until('it is on the board', async () => (await titles()).includes('unclear'));
});

test('an import that the store leaves says so in its last line, as every other answer does', async () => {
	const row = { id: '1', title: 'imported', started_at: '2024-03-01T10:00:00Z', impact: 'major' };
	const type = 'application/x-ndjson';
	await using own = openDatabase(postgres.ownAddress, { max: 1 });
	await slowly('at once', async () => {
		const asked = api.ask('POST /imports/incidents?source=a', {
			...{ raw: JSON.stringify(row), headers: { 'Content-Type': type, Accept: type } },
		});
		await until('it is written', async () => {
			const writing = await own.sql`
				select from pg_stat_activity where wait_event = 'PgSleep' and state = 'active'`;
			return writing.length > 0;
		});
		postgres.wire.cut();
		const { text } = await asked;
		postgres.wire.open();
		expect(JSON.parse(text.trim().split('\n').at(-1) ?? '')).toEqual({
			error: {
				code: 'unavailable',
				message: 'The store cannot be reached right now. Try again in a moment.',
			},
		});
	});
});

test('a fault says nothing of itself but the id under which the log has it', async () => {
	const db = openDatabase({ url: postgres.url }, { max: 1 });
	await db.sql`alter table projected_incidents rename to elsewhere`;
	const answer = await api.ask('GET /incidents');
	await db.sql`alter table elsewhere rename to projected_incidents`;
	await db[Symbol.asyncDispose]();
	const requestId = answer.headers.get('x-request-id') ?? '';
	expect(answer.body).toEqual({
		error: {
			code: 'fault',
			message: 'Something went wrong on our side. The request id finds it in the log.',
			requestId,
		},
	});
	expect(answer.status).toBe(500);
	expect(api.log.filter((line) => line.includes(requestId))).toHaveLength(1);
});
