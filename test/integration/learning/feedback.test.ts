import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IncidentId } from '#core/ids.ts';
import { openDatabase, type Database } from '#server/storage/database.ts';
import { removeFromFeedback } from '#server/storage/feedback.ts';
import { deleteExpired } from '#server/storage/keeping.ts';
import { TestApi } from '../../support/api.ts';
import { testDatabaseUrl } from '../../support/database.ts';
import { untilDerived } from '../../support/derived.ts';
import { join, type Member } from '../../support/members.ts';

let db: Database;
let api: TestApi;
let people: readonly Member[];
let viewer: Member;
beforeAll(async () => {
	const url = await testDatabaseUrl();
	db = openDatabase({ url });
	api = await TestApi.start(url);
	await api.setUp();
	people = [await join(api, 'Ada'), await join(api, 'Grace'), await join(api, 'Linus')];
	people = [...people, await join(api, 'Margaret')];
	viewer = await join(api, 'Vera', 'viewer');
});
afterAll(async () => {
	await api[Symbol.asyncDispose]();
	await db[Symbol.asyncDispose]();
});

const somebody = (at: number): Member => people[at] ?? expect.fail();

/** An incident in whose room these people were before it was closed. */
async function closedIncident(present: readonly Member[]): Promise<IncidentId> {
	const id = await openIncident(present);
	await end(id);
	return id;
}

async function openIncident(present: readonly Member[]): Promise<IncidentId> {
	const id = (await api.declare()) as IncidentId;
	for (const { id: person } of present) await enter(id, person);
	return id;
}

async function enter(incident: IncidentId, person: string): Promise<void> {
	await db.sql`
		insert into attendance (incident, conn, entered_at, person, seen_at, left_at)
		values (${incident}, ${person}, now() - interval '1 ms', ${person}, now(), now())`;
}

async function end(incident: IncidentId): Promise<void> {
	await command(incident, { type: 'setStatus', status: 'resolved' });
	await command(incident, { type: 'close' });
}

async function command(incident: IncidentId, body: object): Promise<void> {
	const { status, text } = await api.ask(`POST /incidents/${incident}/commands`, { body });
	expect(status, text).toBe(200);
}

/** The two weeks are over. */
async function letTimePass(incident: IncidentId): Promise<void> {
	await db.sql`
		update attendance set entered_at = entered_at - interval '15 days' where incident = ${incident}`;
	await db.sql`
		update documents set sealed_at = sealed_at - interval '15 days' where incident = ${incident}`;
}

function answer(incident: IncidentId, by: Member, more: object = {}) {
	const body = { scores: { detection: 1, roles: 2, again: 4 }, ...more };
	return by.ask(`POST /incidents/${incident}/feedback`, { body });
}

async function look(incident: IncidentId, by = somebody(0)) {
	const { body } = await by.ask(`GET /incidents/${incident}/feedback`);
	return body as {
		state: string;
		mine: string;
		sum: {
			answers: number;
			questions: { question: string; mean: number; counts: number[] }[];
			lines: { line: string; by: { name: string } | null }[];
		} | null;
	};
}

test('who took part is asked; who came after the closing, watched only, or was elsewhere is not', async () => {
	const incident = await closedIncident([...people.slice(0, 3), viewer]);
	await enter(incident, somebody(3).id);
	expect(await look(incident, somebody(0))).toMatchObject({ state: 'asking', mine: 'asked' });
	for (const one of [somebody(3), viewer]) {
		expect(await look(incident, one)).toMatchObject({ state: 'asking', mine: 'notAsked' });
	}
	const late = await answer(incident, somebody(3));
	expect([late.status, late.text]).toEqual([403, expect.stringContaining('who were in the room')]);
	expect((await answer(incident, viewer)).status).toBe(403);
	const token = await api.ask(`POST /incidents/${incident}/feedback`, {
		body: { scores: { detection: 1, roles: 2, again: 4 } },
	});
	expect(token.status).toBe(403);
});

test('before the closing nobody is asked', async () => {
	const incident = await openIncident(people);
	const { status, text } = await answer(incident, somebody(0));
	expect([status, text]).toEqual([409, expect.stringContaining('once the incident is closed')]);
	expect(await look(incident)).toMatchObject({ state: 'notClosed', sum: null });
});

test('of fewer than three who took part nobody is asked', async () => {
	const incident = await closedIncident(people.slice(0, 2));
	const { status, text } = await answer(incident, somebody(0));
	expect([status, text]).toEqual([409, expect.stringContaining('Fewer than three')]);
	expect(await look(incident)).toMatchObject({ state: 'tooFewTookPart', mine: 'notAsked' });
});

test('somebody answers once', async () => {
	const incident = await closedIncident(people);
	expect((await answer(incident, somebody(0))).status).toBe(201);
	const again = await answer(incident, somebody(0));
	expect([again.status, again.text]).toEqual([409, expect.stringContaining('answered already')]);
	const both = await Promise.all([answer(incident, somebody(1)), answer(incident, somebody(1))]);
	expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
	const rows = await db.sql`select from feedback_given where incident = ${incident}`;
	expect(rows).toHaveLength(2);
});

test('[A9] an answer that is sent again with its key is the same answer, also once the sum is shown', async () => {
	const incident = await closedIncident(people.slice(0, 3));
	const keyed = { line: 'a line', idempotencyKey: 'k1' };
	expect((await answer(incident, somebody(0), keyed)).status).toBe(201);
	expect(await answer(incident, somebody(1), { idempotencyKey: 'k1' })).toMatchObject({
		status: 201,
	});
	const again = await answer(incident, somebody(0), keyed);
	expect([again.status, again.body]).toMatchObject([200, { mine: 'given', state: 'asking' }]);
	expect((await answer(incident, somebody(0), { idempotencyKey: 'k2' })).status).toBe(409);
	expect((await answer(incident, somebody(0))).status).toBe(409);
	expect((await answer(incident, somebody(2))).status).toBe(201);
	expect((await look(incident)).sum).toMatchObject({ answers: 3, lines: [{ line: 'a line' }] });
	expect((await answer(incident, somebody(0), keyed)).status).toBe(200);
	expect((await look(incident)).sum).toMatchObject({ answers: 3, lines: [{ line: 'a line' }] });
});

test('nothing of the answers is seen while answers may come, whoever looks and however often', async () => {
	const incident = await closedIncident(people);
	const seen = [await look(incident, viewer)];
	for (const one of people.slice(0, 3)) {
		await answer(incident, one, { line: 'The pager was silent.' });
		seen.push(await look(incident, viewer));
	}
	expect(new Set(seen.map((one) => JSON.stringify(one))).size).toBe(1);
	expect(seen[0]).toMatchObject({ state: 'asking', sum: null });
});

test('once all have answered the sum is shown: means, how often each score, the lines', async () => {
	const incident = await closedIncident(people.slice(0, 3));
	for (const [at, detection] of [0, 1, 4].entries()) {
		await answer(incident, somebody(at), { scores: { detection, roles: 3, again: 4 } });
	}
	const { state, sum } = await look(incident, viewer);
	expect(state).toBe('shown');
	expect(sum).toEqual({
		answers: 3,
		questions: [
			{ question: 'detection', mean: 5 / 3, counts: [1, 1, 0, 0, 1] },
			{ question: 'roles', mean: 3, counts: [0, 0, 0, 3, 0] },
			{ question: 'again', mean: 4, counts: [0, 0, 0, 0, 3] },
		],
		lines: [],
	});
});

test('after two weeks the sum of three is shown, and who is late is refused', async () => {
	const incident = await closedIncident(people);
	for (const one of people.slice(0, 3)) await answer(incident, one);
	await letTimePass(incident);
	const before = await look(incident);
	expect(before).toMatchObject({ state: 'shown', sum: { answers: 3 } });
	const late = await answer(incident, somebody(3));
	expect([late.status, late.text]).toEqual([409, expect.stringContaining('is over')]);
	expect(await look(incident)).toEqual(before);
});

test('whoever asks only where it stands ends nothing, and sees no sum', async () => {
	const incident = await closedIncident(people);
	for (const one of people.slice(0, 3)) await answer(incident, one);
	await letTimePass(incident);
	const { body } = await somebody(0).ask(`GET /incidents/${incident}/feedback?sum=without`);
	expect(body).toMatchObject({ state: 'shown', mine: 'given', sum: null });
	const isShown = () => db.sql`select is_shown from feedback where incident = ${incident}`;
	expect(await isShown()).toEqual([{ is_shown: false }]);
	await look(incident);
	expect(await isShown()).toEqual([{ is_shown: true }]);
});

test('after two weeks two answers are shown to nobody', async () => {
	const incident = await closedIncident(people);
	for (const one of people.slice(0, 2)) await answer(incident, one);
	await letTimePass(incident);
	expect(await look(incident)).toMatchObject({ state: 'tooFewAnswered', sum: null });
});

test('a sum that was shown takes no further answer, though the incident is reopened and closed again', async () => {
	const incident = await closedIncident(people.slice(0, 3));
	for (const one of people.slice(0, 3)) await answer(incident, one);
	const before = (await look(incident)).sum;
	await command(incident, { type: 'reopen' });
	expect((await look(incident)).sum).toEqual(before);
	await enter(incident, somebody(3).id);
	await end(incident);
	expect((await answer(incident, somebody(3))).status).toBe(409);
	expect((await look(incident)).sum).toEqual(before);
});

test('reopened before anything was shown, it asks those who had not answered, and those who came', async () => {
	const incident = await closedIncident(people.slice(0, 3));
	for (const one of people.slice(0, 2)) await answer(incident, one);
	await command(incident, { type: 'reopen' });
	expect((await answer(incident, somebody(2))).status).toBe(409);
	await enter(incident, somebody(3).id);
	await end(incident);
	expect((await answer(incident, somebody(0))).text).toContain('answered already');
	expect((await answer(incident, somebody(2))).status).toBe(201);
	expect((await look(incident)).state).toBe('asking');
	expect((await answer(incident, somebody(3))).status).toBe(201);
	expect(await look(incident)).toMatchObject({ state: 'shown', sum: { answers: 4 } });
});

test('a name stands at a line whose author wants that, unless one or two hide among the others', async () => {
	const all = await closedIncident(people);
	for (const one of people) await answer(all, one, { line: `by ${one.name}`, isNamed: true });
	const named = (await look(all)).sum?.lines ?? [];
	expect(named.map(({ line, by }) => line === `by ${by?.name}`)).toEqual([true, true, true, true]);
	const some = await closedIncident(people);
	for (const [at, one] of people.entries()) {
		await answer(some, one, { line: 'a line', isNamed: at < 2 });
	}
	expect((await look(some)).sum?.lines.map(({ by }) => by)).toEqual([null, null, null, null]);
	const three = await closedIncident(people);
	for (const [at, one] of people.entries()) {
		await answer(three, one, { line: `line ${at}`, isNamed: at === 3 });
	}
	const lines = (await look(three)).sum?.lines ?? [];
	expect(lines.filter(({ by }) => by !== null)).toMatchObject([
		{ line: 'line 3', by: { name: 'Margaret' } },
	]);
});

test('nothing in the store leads from who has answered to what was answered', async () => {
	const incident = await closedIncident(people);
	const inTurn = people.toSorted((a, b) => (a.id < b.id ? 1 : -1));
	for (const one of inTurn) {
		await answer(incident, one, { line: 'a line' });
		const [row] = await db.sql<{ writers: number }[]>`
			select count(distinct writer)::int as writers from (
				select xmin::text as writer from feedback_given where incident = ${incident}
				union all select xmin::text from feedback_scores where incident = ${incident}
				union all select xmin::text from feedback_lines where incident = ${incident}
			) rows`;
		expect(row?.writers, 'every row was written by the last answer').toBe(1);
	}
	const places = await db.sql<{ person: string }[]>`
		select person from feedback_given where incident = ${incident} order by ctid`;
	expect(places.map(({ person }) => person)).not.toEqual(inTurn.map(({ id }) => id));
	const columns = await db.sql<{ table: string; column: string; type: string }[]>`
		select table_name as table, column_name as column, data_type as type
		from information_schema.columns where table_name like 'feedback%'`;
	expect(columns.filter(({ type }) => /time|date/.test(type))).toEqual([]);
	const persons = columns.filter(({ column }) => /person|author/.test(column));
	expect(persons.map(({ table, column }) => `${table}.${column}`).sort()).toEqual([
		'feedback_given.person',
		'feedback_lines.author',
	]);
	const authors = await db.sql`
		select from feedback_lines where incident = ${incident} and author is not null`;
	expect(authors).toHaveLength(0);
});

test('lines are not shown in the order in which they came', async () => {
	const orders = new Set<string>();
	for (let i = 0; i < 8; i++) {
		const incident = await closedIncident(people);
		for (const [at, one] of people.entries()) await answer(incident, one, { line: `line ${at}` });
		const { sum } = await look(incident);
		orders.add(sum?.lines.map(({ line }) => line).join() ?? '');
		expect(await look(incident)).toMatchObject({ sum });
	}
	expect(orders.size).toBeGreaterThan(1);
});

test('who is forgotten leaves the sum as it was', async () => {
	const guest = await join(api, 'Guest');
	const present = [...people.slice(0, 2), guest];
	const incident = await closedIncident(present);
	for (const one of present) await answer(incident, one, { line: one.name, isNamed: true });
	const before = await look(incident);
	await api.ask(`DELETE /people/${guest.id}`);
	const after = await look(incident);
	expect(after.sum?.questions).toEqual(before.sum?.questions);
	expect(after.sum?.lines.map(({ by }) => by?.name).sort()).toEqual([
		...['Ada', 'Grace', 'Somebody forgotten'],
	]);
});

test('a text that is removed for good is in no line any more, and the sum stays', async () => {
	const incident = await closedIncident(people.slice(0, 3));
	for (const [at, one] of people.slice(0, 3).entries()) {
		await answer(incident, one, { line: at === 0 ? 'It was hunter2 again' : 'fine' });
	}
	expect(await db.sql.begin((tx) => removeFromFeedback(tx, incident, 'hunter2'))).toBe(1);
	const { sum } = await look(incident);
	expect(sum?.lines.map(({ line }) => line).sort()).toEqual([
		'It was [removed] again',
		'fine',
		'fine',
	]);
	expect(sum?.answers).toBe(3);
});

test('retention deletes the feedback with its incident', async () => {
	const incident = await closedIncident(people.slice(0, 3));
	await answer(incident, somebody(0), { line: 'a' });
	await untilDerived(db.sql, incident);
	await letTimePass(incident);
	const number = await db.sql.begin((tx) => deleteExpired(tx, incident, 86_400_000));
	expect(number).toBeGreaterThan(0);
	const [left] = await db.sql`
		select (select count(*)::int from feedback_given where incident = ${incident}) as given,
			(select count(*)::int from feedback_lines where incident = ${incident}) as lines`;
	expect(left).toEqual({ given: 0, lines: 0 });
});

test.each<[string, object, string]>([
	['a score of 5', { scores: { detection: 5, roles: 0, again: 0 } }, 'scores.detection'],
	['half a score', { scores: { detection: 0.5, roles: 0, again: 0 } }, 'scores.detection'],
	['a question left out', { scores: { detection: 1, roles: 0 } }, 'scores.again'],
	['a question that is none', { scores: { detection: 1, roles: 0, again: 0, x: 1 } }, 'scores.x'],
	['an empty line', { scores: { detection: 1, roles: 0, again: 0 }, line: ' ' }, 'line'],
])('an answer with %s is refused and names the field', async (_what, body, field) => {
	const incident = await closedIncident(people);
	const refused = await somebody(0).ask(`POST /incidents/${incident}/feedback`, { body });
	expect([refused.status, refused.body]).toMatchObject([422, { error: { field } }]);
	expect(await look(incident)).toMatchObject({ mine: 'asked' });
});
