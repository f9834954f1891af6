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
		await new Promise((resume) => setTimeout(resume, 1_000));
		postgres.wire.open();
		for (const { status } of await asked) expect(status).toBe(201);
		expect((await texts()).filter((one) => one === text)).toHaveLength(1);
		expect((await titles()).filter((one) => one === title)).toHaveLength(1);
	},
);

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
