import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestApi, type ApiAnswer } from '../../support/api.ts';
import { testDatabaseUrl } from '../../support/database.ts';
import { invite, type TestPerson } from '../../support/people.ts';
import {
	brokenTimelines,
	rawTimeline,
	timelineNames,
	timelineText,
	type RawTimeline,
} from '../../support/timelines.ts';

let api: TestApi;
let ada: TestPerson;
beforeAll(async () => {
	api = await TestApi.start(await testDatabaseUrl());
	ada = await invite(api, 'Ada');
});
afterAll(() => api[Symbol.asyncDispose]());

interface Reading {
	readonly title: string;
	readonly status: string;
	readonly origin: string;
	readonly milestones: Readonly<Record<string, string | null>>;
	readonly links: readonly { url: string }[];
	readonly timeline: readonly {
		readonly id: string;
		readonly source: string;
		readonly kind: string;
		readonly text: string;
		readonly by: { readonly name: string };
		readonly occurredAt: string;
		readonly recordedAt: string;
	}[];
}

function send(raw: string | Uint8Array<ArrayBuffer>, headers = {}): Promise<ApiAnswer> {
	return api.ask('POST /imports/timeline', { token: ada.token, raw, headers });
}

async function imported(raw: string): Promise<Reading> {
	const { status, body } = await send(raw);
	expect(status).toBe(201);
	const answer = await api.ask(`GET /incidents/${(body as { id: string }).id}`);
	return answer.body as Reading;
}

async function count(): Promise<number> {
	const { body } = await api.ask('GET /incidents?state=all');
	return (body as { incidents: unknown[] }).incidents.length;
}

/** The file's entries as the API should answer them: by time, and in the file's order within a time. */
function expectedOf(raw: RawTimeline): object[] {
	const iso = (time: string) => new Date(time).toISOString();
	return raw.entries
		.map((entry) => ({
			kind: entry.kind,
			text: entry.text,
			occurredAt: iso(entry.at),
			...(entry.ended_at && { endedAt: iso(entry.ended_at) }),
			...(entry.approximate && { approximate: true }),
			...(entry.actor && { actors: entry.actor }),
			...(entry.recorded_as && { recordedAs: entry.recorded_as }),
			...(entry.local_time && { localTime: entry.local_time }),
		}))
		.sort((a, b) => Date.parse(a.occurredAt) - Date.parse(b.occurredAt));
}

function entriesOf(reading: Reading): object[] {
	return reading.timeline
		.filter(({ source }) => source === 'entry')
		.map((one) => {
			const { id, source, by, recordedAt, ...rest } = one;
			expect([source, by.name]).toEqual(['entry', 'Ada']);
			expect(Date.parse(recordedAt)).toBeGreaterThan(Date.parse(rest.occurredAt));
			expect(id).toMatch(/^[0-9A-Z]{26}$/);
			const { starred, struck, ...told } = rest as typeof rest & Record<string, unknown>;
			expect([starred, struck]).toEqual([false, false]);
			return told;
		});
}

describe('an imported timeline', () => {
	test.each(timelineNames)(
		'%s reads over the API as the file has it, entry by entry',
		async (name) => {
			const raw = rawTimeline(name);
			const reading = await imported(timelineText(name));
			expect(reading).toMatchObject({ title: raw.title, origin: 'backfilled' });
			expect(entriesOf(reading)).toEqual(expectedOf(raw));
		},
	);

	test('of GitLab has its 33 entries, its three milestones and no others, and is resolved', async () => {
		const reading = await imported(timelineText('gitlab-2017-01-31.json'));
		expect(entriesOf(reading)).toHaveLength(33);
		expect(reading.status).toBe('resolved');
		const reached = Object.entries(reading.milestones).filter(([, at]) => at !== null);
		expect(Object.fromEntries(reached)).toEqual({
			impactStarted: '2017-01-31T23:00:00.000Z',
			detected: '2017-01-31T23:27:00.000Z',
			resolved: '2017-02-01T18:00:00.000Z',
		});
		expect(reading.links.map(({ url }) => url)).toHaveLength(2);
	});

	test('is on the board at once', async () => {
		const { body } = await send(timelineText('aws-2021-12-07.json'));
		const { id, number } = body as { id: string; number: number };
		const board = await api.ask('GET /incidents?state=all');
		const { incidents } = board.body as { incidents: { id: string }[] };
		expect(incidents.find((one) => one.id === id)).toMatchObject({ number, status: 'monitoring' });
	});

	test('that is closed takes no more entries', async () => {
		const milestones = { resolved_at: '2021-05-29T02:00:00Z', closed_at: '2021-05-29T03:00:00Z' };
		const { body } = await send(JSON.stringify({ title: 'x', milestones, entries: [] }));
		const answer = await api.ask(`POST /incidents/${(body as { id: string }).id}/entries`, {
			body: { text: 'too late' },
		});
		expect(answer.status).toBe(409);
	});

	test('names what it does not take over', async () => {
		const { body } = await send(timelineText('jenkins-2021-05-29-aci.json'));
		const { entries, warnings } = body as { entries: number; warnings: string[] };
		expect(entries).toBe(14);
		expect(warnings.join()).toContain('“milestones.reported_started_at” (line 10)');
	});

	test('with a key is imported once, however often it is sent', async () => {
		const headers = { 'Idempotency-Key': 'the-gitlab-one' };
		const text = timelineText('gitlab-2017-01-31.json');
		const first = await send(text, headers);
		const again = await send(text, headers);
		expect([first.status, again.status]).toEqual([201, 200]);
		expect(again.body).toEqual(first.body);
		const other = await send(timelineText('aws-2021-12-07.json'), headers);
		expect(other.status).toBe(409);
	});

	test('is not for viewers', async () => {
		const viewer = await invite(api, 'Grace', 'viewer');
		const raw = timelineText('aws-2021-12-07.json');
		const answer = await api.ask('POST /imports/timeline', { token: viewer.token, raw });
		expect(answer.status).toBe(403);
	});
});

describe('a broken timeline', () => {
	test('imports nothing, and the refusal names its line', async () => {
		const before = await count();
		for (const [name, text, sentence] of brokenTimelines) {
			const { status, body } = await send(text);
			const { error } = body as { error: { code: string; message: string } };
			expect([name, status, error.code]).toEqual([name, 422, 'invalid']);
			expect(error.message).toContain(sentence);
		}
		expect(await count()).toBe(before);
	});

	test('that is not UTF-8 is refused with its line', async () => {
		const bytes = Uint8Array.from(Buffer.from('{\n "title": "\xff"\n}', 'latin1'));
		const { status, body } = await send(bytes);
		expect(status).toBe(422);
		expect(body).toMatchObject({ error: { message: 'Line 2: this is not UTF-8.' } });
	});

	test('of more than a mebibyte is too large', async () => {
		const entries = [{ at: '2021-05-29T02:00:00Z', text: 'x'.repeat(10_000) }];
		const text = JSON.stringify({ title: 'x', entries: Array(110).fill(entries[0]) });
		expect((await send(text)).status).toBe(413);
	});
});
