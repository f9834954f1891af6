import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IncidentId } from '#core/ids.ts';
import type { ActionAnswer } from '#core/learning/actionsWire.ts';
import type { MetricsAnswer } from '#core/review/metrics/answer.ts';
import { limits } from '#server/limits.ts';
import { readClosingRate, removeFromActions } from '#server/storage/actions.ts';
import { openDatabase, type Database } from '#server/storage/database.ts';
import { TestApi, type ApiRequest } from '../../support/api.ts';
import { testDatabaseUrl } from '../../support/database.ts';
import { untilDerived } from '../../support/derived.ts';
import { addActions } from '../../support/learnt.ts';
import { join, type Member } from '../../support/members.ts';

let db: Database;
let api: TestApi;
let ada: Member;
let grace: Member;
beforeAll(async () => {
	const url = await testDatabaseUrl();
	db = openDatabase({ url });
	api = await TestApi.start(url);
	await api.setUp();
	[ada, grace] = [await join(api, 'Ada'), await join(api, 'Grace')];
});
afterAll(async () => {
	await api[Symbol.asyncDispose]();
	await db[Symbol.asyncDispose]();
});

async function declare(title = 'checkout is down'): Promise<IncidentId> {
	const id = (await api.declare(title)) as IncidentId;
	await untilDerived(db.sql, id);
	return id;
}

async function add(incident: string, body: object, by = ada): Promise<ActionAnswer> {
	const answer = await by.ask(`POST /incidents/${incident}/actions`, { body });
	expect(answer.status, answer.text).toBe(201);
	return answer.body as ActionAnswer;
}

async function list(query: string, by = ada): Promise<readonly ActionAnswer[]> {
	const { body } = await by.ask(`GET /actions${query}`);
	return (body as { actions: ActionAnswer[] }).actions;
}

function change(action: { id: string }, body: object, by = ada) {
	return by.ask(`PATCH /actions/${action.id}`, { body } satisfies ApiRequest);
}

const dayFromNow = (days: number) =>
	new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

test('an action that is added is listed with its incident, also after that was closed', async () => {
	const incident = await declare();
	for (const command of [{ type: 'setStatus', status: 'resolved' }, { type: 'close' }]) {
		await api.ask(`POST /incidents/${incident}/commands`, { body: command });
	}
	const link = 'https://tracker.example.com/OPS-812';
	const dueOn = dayFromNow(3);
	const added = await add(incident, {
		...{ title: 'Alert on saturation', kind: 'detect', owner: grace.id, dueOn, link },
	});
	expect(added).toMatchObject({
		...{ title: 'Alert on saturation', kind: 'detect', state: 'open', dueOn, link, version: 1 },
		...{ owner: { id: grace.id, name: 'Grace' }, isOverdue: false, formerOwner: null },
		...{ incident: { id: incident, title: 'checkout is down' }, madeBy: { name: 'Ada' } },
	});
	const { body } = await ada.ask(`GET /incidents/${incident}/actions`);
	expect(body).toEqual({ actions: [added], hasMore: false });
	expect(await list(`?incident=${added.incident.number}`)).toEqual([added]);
});

test('asked again with its key an action is added once; another request under that key is refused', async () => {
	const incident = await declare();
	const request = { title: 'Write a runbook', idempotencyKey: 'once' };
	const first = await add(incident, request);
	const again = await ada.ask(`POST /incidents/${incident}/actions`, { body: request });
	expect([again.status, again.body]).toEqual([200, first]);
	const other = await ada.ask(`POST /incidents/${incident}/actions`, {
		body: { ...request, title: 'Write two' },
	});
	expect(other.status).toBe(409);
	const elsewhere = await ada.ask(`POST /incidents/${await declare()}/actions`, { body: request });
	expect(elsewhere.status).toBe(409);
	expect(await list(`?incident=${incident}`)).toEqual([first]);
});

test('of two who change one action at once one is told who was faster, and nothing of it is lost', async () => {
	const action = await add(await declare(), { title: 'Raise the pool size' });
	const answers = await Promise.all([
		change(action, { title: 'Raise it to 100', expects: 1 }, ada),
		change(action, { dueOn: dayFromNow(1), expects: 1 }, grace),
	]);
	const [won, lost] = answers.toSorted((a, b) => a.status - b.status);
	expect([won?.status, lost?.status]).toEqual([200, 409]);
	expect(lost?.text).toMatch(/(Ada|Grace) changed this action meanwhile\. Look at it as it is now/);
	const [now] = await list(`?incident=${action.incident.id}`);
	expect(now).toEqual(won?.body);
	expect(now?.version).toBe(2);
});

test('who repeats a change whose answer was lost is not told that somebody was faster', async () => {
	const action = await add(await declare(), { title: 'Raise the pool size' });
	const body = { state: 'done', expects: 1 };
	expect((await change(action, body)).status).toBe(200);
	const again = await change(action, body);
	expect([again.status, (again.body as ActionAnswer).version]).toEqual([200, 2]);
});

test('an action that is done says by whom and when, and no more once it is open again', async () => {
	const action = await add(await declare(), { title: 'Drill the rollback', owner: ada.id });
	const done = (await change(action, { state: 'done' }, grace)).body as ActionAnswer;
	expect(done).toMatchObject({ state: 'done', endedBy: { name: 'Grace' }, owner: { name: 'Ada' } });
	expect(Date.parse(done.endedAt ?? '')).toBeGreaterThan(0);
	const renamed = (await change(action, { title: 'Drill it' }, ada)).body as ActionAnswer;
	expect(renamed).toMatchObject({ endedBy: { name: 'Grace' }, endedAt: done.endedAt });
	const open = (await change(action, { state: 'open' })).body;
	expect(open).toMatchObject({ state: 'open', endedBy: null, endedAt: null });
});

test('what is dropped is kept for the record', async () => {
	const action = await add(await declare(), { title: 'Rewrite it all' });
	expect((await ada.ask(`DELETE /actions/${action.id}`)).status).toBe(200);
	expect(await list(`?incident=${action.incident.id}`)).toEqual([]);
	expect(await list(`?incident=${action.incident.id}&state=dropped`)).toMatchObject([
		{ id: action.id, state: 'dropped', endedBy: { name: 'Ada' } },
	]);
});

test('lists are narrowed to what is mine, overdue or nobody’s, and what is due first comes first', async () => {
	const incident = await declare();
	const at = `incident=${incident}`;
	await add(incident, { title: 'no day', owner: grace.id });
	await add(incident, { title: 'later', dueOn: dayFromNow(9), owner: ada.id });
	await add(incident, { title: 'late', dueOn: dayFromNow(-1) });
	await add(incident, { title: 'today', dueOn: dayFromNow(0), owner: ada.id });
	const titles = async (query: string) => (await list(query)).map(({ title }) => title);
	expect(await titles(`?${at}`)).toEqual(['late', 'today', 'later', 'no day']);
	expect(await titles(`?${at}&owner=me`)).toEqual(['today', 'later']);
	expect(await titles(`?${at}&owner=${grace.id}`)).toEqual(['no day']);
	expect(await titles(`?${at}&owner=nobody`)).toEqual(['late']);
	expect(await titles(`?${at}&overdue=true`)).toEqual(['late']);
	expect((await ada.ask('GET /actions?owner=somebody')).status).toBe(422);
	expect((await ada.ask('GET /actions?incident=999999')).status).toBe(404);
});

test('a list of what is due in a period has exactly what begins its due day in it, and nothing dropped', async () => {
	const at = await declare();
	for (const dueOn of ['2031-03-01', '2031-03-31', '2031-04-01']) {
		await add(at, { title: dueOn, kind: 'process', dueOn });
	}
	const dropped = await add(at, { title: 'dropped', kind: 'process', dueOn: '2031-03-15' });
	await ada.ask(`DELETE /actions/${dropped.id}`);
	const due = async (from: string, to: string) => {
		const query = `?incident=${at}&state=all&dueFrom=${from}&dueTo=${to}`;
		return (await list(query)).map(({ title }) => title);
	};
	expect(await due('2031-03-01T00:00:00Z', '2031-04-01T00:00:00Z')).toEqual([
		...['2031-03-01', '2031-03-31'],
	]);
	expect(await due('2031-03-01T08:00:00Z', '2031-04-01T07:00:00Z')).toEqual([
		...['2031-03-31', '2031-04-01'],
	]);
	expect((await ada.ask('GET /actions?dueFrom=0000-01-01T00:00:00Z')).status).toBe(422);
});

test('of more than are listed it is said that there are more', async () => {
	const incident = await declare();
	const add = (count: number) => addActions(db.sql, incident, { count, owner: ada.id });
	const listed = async () => {
		const { body } = await ada.ask(`GET /incidents/${incident}/actions`);
		const { actions, hasMore } = body as { actions: readonly object[]; hasMore: boolean };
		return [actions.length, hasMore];
	};
	await add(limits.actionsListed);
	expect(await listed()).toEqual([limits.actionsListed, false]);
	await add(1);
	expect(await listed()).toEqual([limits.actionsListed, true]);
	await db.sql`delete from actions where incident = ${incident}`;
});

test('whose owner has left belongs to nobody, and says whose it was', async () => {
	const linus = await join(api, 'Linus');
	const action = await add(await declare(), { title: 'Tune the alerts', owner: linus.id });
	await api.ask(`DELETE /people/${linus.id}`);
	const unowned = await list(`?incident=${action.incident.id}&owner=nobody`);
	expect(unowned).toMatchObject([
		{ owner: null, formerOwner: { id: linus.id, name: 'Somebody forgotten' } },
	]);
	expect(await list(`?owner=${linus.id}`)).toEqual([]);
	const again = await change(action, { owner: linus.id, title: 'a' });
	expect([again.status, again.text]).toEqual([
		422,
		expect.stringContaining('There is no such person'),
	]);
});

test('the closing rate counts what was due in the period, without what was dropped and without drills', async () => {
	const from = '2031-01-01';
	const to = '2031-02-01';
	const incident = await declare();
	const { body } = await api.ask('POST /incidents', { body: { title: 'drill', kind: 'drill' } });
	const drill = (body as { id: IncidentId }).id;
	await untilDerived(db.sql, drill);
	const done = await add(incident, { title: 'first day', dueOn: from });
	await change(done, { state: 'done' });
	const old = await add(incident, { title: 'last day', dueOn: '2031-01-31' });
	await add(incident, { title: 'the day after', dueOn: to });
	const dropped = await add(incident, { title: 'dropped', dueOn: from });
	await change(dropped, { state: 'dropped' });
	await add(drill, { title: 'of a drill', dueOn: from });
	await db.sql`delete from actions where incident not in (${incident}, ${drill})`;
	await db.sql`update actions set made_at = '2030-12-22Z' where id = ${old.id}`;
	await db.sql`update actions set made_at = '2030-12-31Z' where title = 'the day after'`;
	const closing = async (more = '') => {
		const words = `from=${from}&to=${to}${more}`;
		const { actions } = (await api.ask(`GET /metrics?${words}`)).body as MetricsAnswer;
		return [actions.due, actions.done, actions.open];
	};
	expect(await closing()).toEqual([2, 1, 2]);
	expect(await closing('&kind=drill')).toEqual([1, 0, 1]);
	expect(await closing('&service=nowhere')).toEqual([0, 0, 0]);
	const everything = { severities: null, service: null, team: null, cause: null };
	const scope = { kind: 'incident', ...everything } as const;
	const period = { from: `${from}T00:00:00Z`, to: `${to}T00:00:00Z` };
	const question = { scope, ...period, asOf: '2031-01-01T00:00:00Z' };
	expect((await readClosingRate(db.sql, question)).medianOpenDays).toBe(1);
	await db.sql`delete from actions`;
	expect(await readClosingRate(db.sql, question)).toEqual({
		...{ due: 0, done: 0, open: 0, medianOpenDays: null },
	});
});

test('a text that is removed for good is in no action of its incident any more', async () => {
	const [incident, other] = [await declare(), await declare()];
	await add(incident, { title: 'Rotate hunter2 now', idempotencyKey: 'rotate' });
	await add(incident, { title: 'Look', link: 'https://example.com/?key=hunter2' });
	await add(incident, { title: 'Hunter is fine' });
	await add(other, { title: 'hunter2 of another' });
	expect(await db.sql.begin((tx) => removeFromActions(tx, incident, 'hunter2'))).toBe(2);
	const left = await list(`?incident=${incident}`);
	expect(left.map(({ title, link }) => [title, link])).toEqual([
		['Rotate [removed] now', null],
		['Look', null],
		['Hunter is fine', null],
	]);
	const [row] =
		await db.sql`select count(*)::int as prints from actions where print is not null and incident = ${incident}`;
	expect(row).toEqual({ prints: 0 });
	expect((await list(`?incident=${other}`))[0]?.title).toBe('hunter2 of another');
});

test.each<[string, object, string]>([
	['no title', {}, 'title'],
	['an unknown kind', { title: 'a', kind: 'blame' }, 'kind'],
	['a day that is none', { title: 'a', dueOn: '2026-02-30' }, 'dueOn'],
	['a script as link', { title: 'a', link: 'javascript:alert(1)' }, 'link'],
	['a stranger as owner', { title: 'a', owner: '00000000-0000-4000-8000-000000000000' }, 'owner'],
	['a task that is none', { title: 'a', takenFrom: 'x' }, 'takenFrom'],
	['an unknown field', { title: 'a', madeBy: 'b' }, 'madeBy'],
])('an action with %s is refused and names the field', async (_what, body, field) => {
	const incident = await declare();
	const answer = await ada.ask(`POST /incidents/${incident}/actions`, { body });
	expect(answer.status).toBe(422);
	expect(answer.body).toMatchObject({ error: { code: 'invalid', field } });
	expect(await list(`?incident=${incident}&state=all`)).toEqual([]);
});
