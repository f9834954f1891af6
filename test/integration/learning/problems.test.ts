import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IncidentId } from '#core/ids.ts';
import { limits } from '#server/limits.ts';
import { openDatabase, type Database } from '#server/storage/database.ts';
import { removeFromProblems } from '#server/storage/problems.ts';
import { readRetroBoard } from '#server/storage/retroBoard.ts';
import { TestApi } from '../../support/api.ts';
import { testDatabaseUrl } from '../../support/database.ts';
import { untilDerived } from '../../support/derived.ts';
import { addActions, publishRetro } from '../../support/learnt.ts';
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
	[ada, grace] = [await join(api, 'Ada'), await join(api, 'Grace', 'admin')];
});
afterAll(async () => {
	await api[Symbol.asyncDispose]();
	await db[Symbol.asyncDispose]();
});

async function declare(title = 'checkout is down', severity = 'SEV2'): Promise<IncidentId> {
	const { body } = await api.ask('POST /incidents', { body: { title, severity } });
	const { id } = body as { id: IncidentId };
	await untilDerived(db.sql, id);
	return id;
}

interface Whole {
	readonly problem: { number: number; version: number; state: string; owner: object | null };
	readonly belonging: readonly { incident: { id: string }; factors: string[] }[];
	readonly suggested: readonly { incident: { id: string } }[];
	readonly actions: readonly { title: string }[];
}

async function addProblem(body: object): Promise<Whole> {
	const answer = await ada.ask('POST /problems', { body });
	expect(answer.status, answer.text).toBe(201);
	return answer.body as Whole;
}

test('admins keep the list of causes, which says how often each is used, and what else is', async () => {
	const [one, other] = [await declare(), await declare()];
	await publishRetro(db.sql, one, { causes: ['expired certificate', 'load'] });
	await publishRetro(db.sql, other, { causes: ['load'] });
	const refused = await ada.ask('POST /causes', { body: { name: 'load' } });
	expect(refused.status).toBe(403);
	const added = await grace.ask('POST /causes', {
		body: { name: 'load', description: 'More than was planned for' },
	});
	expect(added.body).toEqual({
		causes: [{ name: 'load', description: 'More than was planned for', retiredAt: null, used: 2 }],
		free: [{ name: 'expired certificate', used: 1 }],
	});
	expect((await grace.ask('POST /causes', { body: { name: 'load' } })).status).toBe(409);
	const adopted = await grace.ask('POST /causes', { body: { name: 'expired certificate' } });
	expect(adopted.body).toMatchObject({ free: [] });
});

test('a cause that is retired stays where it stands, and can be offered again', async () => {
	const name = 'DNS / routing “odd”';
	await grace.ask('POST /causes', { body: { name } });
	const path = `PATCH /causes/${encodeURIComponent(name)}`;
	const find = (body: unknown) =>
		(body as { causes: { name: string; retiredAt: string | null }[] }).causes.find(
			(cause) => cause.name === name,
		);
	const retired = await grace.ask(path, { body: { isRetired: true } });
	expect(Date.parse(find(retired.body)?.retiredAt ?? '')).toBeGreaterThan(0);
	const described = await grace.ask(path, { body: { description: 'Names and ways' } });
	expect(find(described.body)).toMatchObject({ description: 'Names and ways' });
	expect(find(described.body)?.retiredAt).not.toBeNull();
	expect(find((await grace.ask(path, { body: { isRetired: false } })).body)?.retiredAt).toBeNull();
	for (const unknown of ['nothing', 'a%00b']) {
		const { status } = await grace.ask(`PATCH /causes/${unknown}`, { body: { isRetired: true } });
		expect(status).toBe(404);
	}
});

test('of more lessons and problems than are listed it is said that there are more', async () => {
	const lessons = Array.from({ length: limits.lessonsListed + 1 }, (_, n) => `mill pond ${n}`);
	const incident = await declare();
	await publishRetro(db.sql, incident, { lessons });
	const some = await ada.ask('GET /lessons?q=%22pond+7%22');
	expect(some.body).toMatchObject({ lessons: [{}], hasMore: false });
	const { body } = await ada.ask('GET /lessons?q=mill');
	expect(body).toMatchObject({ hasMore: true });
	expect((body as { lessons: readonly object[] }).lessons).toHaveLength(limits.lessonsListed);
	await db.sql`delete from projected_findings where incident = ${incident}`;
	expect((await ada.ask('GET /problems')).body).toMatchObject({ hasMore: false });
	await db.sql`
		insert into problems (title, made_by, changed_by)
		select 'one of many', ${ada.id}, ${ada.id} from generate_series(0, ${limits.problemsListed}::int)`;
	const { body: problems } = await ada.ask('GET /problems');
	expect(problems).toMatchObject({ hasMore: true });
	await db.sql`delete from problems where title = 'one of many'`;
});

test('of more actions than a problem lists it is said that there are more', async () => {
	const incident = await declare();
	const { problem } = await addProblem({ title: 'Disks' });
	const path = `/problems/${problem.number}`;
	await ada.ask(`POST ${path}/incidents`, { body: { incident } });
	await addActions(db.sql, incident, { count: limits.actionsListed, owner: ada.id });
	expect((await ada.ask(`GET ${path}`)).body).toMatchObject({ hasMoreActions: false });
	await addActions(db.sql, incident, { count: 1, owner: ada.id });
	const { body } = await ada.ask(`GET ${path}`);
	expect(body).toMatchObject({ hasMoreActions: true });
	expect((body as Whole).actions).toHaveLength(limits.actionsListed);
	await db.sql`delete from actions where incident = ${incident}`;
});

test('a cause is called as retrospectives can take it', async () => {
	for (const name of ['x'.repeat(65), 'a\u2028b']) {
		const { status, body } = await grace.ask('POST /causes', { body: { name } });
		expect(status).toBe(422);
		expect(body).toMatchObject({ error: { field: 'name' } });
	}
	expect((await grace.ask('POST /causes', { body: { name: 'x'.repeat(64) } })).status).toBe(200);
});

test('a problem groups incidents, shows what contributed and what is done, and suggests others of its cause', async () => {
	const [one, other] = [await declare('cart is slow'), await declare('search is slow')];
	await publishRetro(db.sql, one, { causes: ['slow disk'], factors: ['The disk was full'] });
	await publishRetro(db.sql, other, { causes: ['slow disk'] });
	await ada.ask(`POST /incidents/${one}/actions`, { body: { title: 'Watch the disk' } });
	const { problem, suggested } = await addProblem({ title: 'Disks', cause: 'slow disk' });
	expect(problem).toMatchObject({ state: 'investigating', version: 1, owner: null });
	expect(suggested.map(({ incident }) => incident.id)).toEqual([other, one]);
	const path = `/problems/${problem.number}/incidents`;
	const joined = await ada.ask(`POST ${path}`, { body: { incident: one } });
	expect(joined.body).toMatchObject({
		belonging: [{ incident: { id: one, title: 'cart is slow' }, factors: ['The disk was full'] }],
		suggested: [{ incident: { id: other } }],
		actions: [{ title: 'Watch the disk' }],
	});
	const again = await ada.ask(`POST ${path}`, { body: { incident: one } });
	expect((again.body as Whole).belonging).toHaveLength(1);
	const kept = await ada.ask(`DELETE /problems/${problem.number}`);
	expect([kept.status, kept.text]).toEqual([409, expect.stringContaining('Take them out')]);
	const parted = await ada.ask(`DELETE ${path}/${one}`);
	expect((parted.body as Whole).belonging).toEqual([]);
	expect((await ada.ask(`DELETE /problems/${problem.number}`)).status).toBe(204);
	expect((await ada.ask(`GET /problems/${problem.number}`)).status).toBe(404);
});

test('of two who change one problem at once one is told who was faster', async () => {
	const { problem } = await addProblem({ title: 'Two at once', idempotencyKey: 'two' });
	const path = `PATCH /problems/${problem.number}`;
	const answers = await Promise.all([
		ada.ask(path, { body: { state: 'knownError', expects: 1 } }),
		grace.ask(path, { body: { owner: grace.id, expects: 1 } }),
	]);
	expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
	const repeated = await ada.ask('POST /problems', {
		body: { title: 'Two at once', idempotencyKey: 'two' },
	});
	expect([repeated.status, (repeated.body as Whole).problem.number]).toEqual([200, problem.number]);
	const resolved = await ada.ask(path, { body: { state: 'resolved' } });
	expect((resolved.body as Whole).problem).toMatchObject({ state: 'resolved', version: 3 });
	const { body } = await ada.ask('GET /problems?state=resolved');
	expect(body).toMatchObject({ problems: [{ number: problem.number }] });
});

test.each(['0', '-1', '1e3', 'x', '99999999999', '__proto__', '1%00'])(
	'the problem %s is unknown',
	async (number) => {
		expect((await ada.ask(`GET /problems/${number}`)).status).toBe(404);
	},
);

test('a text that is removed for good is in no problem of its incident any more', async () => {
	const incident = await declare();
	const { problem } = await addProblem({ title: 'hunter2 leaks', description: 'See hunter2.' });
	await ada.ask(`POST /problems/${problem.number}/incidents`, { body: { incident } });
	expect(await db.sql.begin((tx) => removeFromProblems(tx, incident, 'hunter2'))).toBe(1);
	const { body } = await ada.ask(`GET /problems/${problem.number}`);
	expect(body).toMatchObject({
		problem: { title: '[removed] leaks', description: 'See [removed].' },
	});
});

test('lessons of published retrospectives are found by their words, those of drafts are not', async () => {
	const [one, other] = [await declare('mail is late'), await declare('mail is lost')];
	await publishRetro(db.sql, one, {
		lessons: ['Queues hide trouble until they overflow', 'Überlast erkennt man spät'],
		causes: ['queue'],
	});
	await publishRetro(db.sql, other, { lessons: ['Queues need alarms'], state: 'draft' });
	const texts = async (q: string) => {
		const { status, body, text } = await ada.ask(`GET /lessons?q=${encodeURIComponent(q)}`);
		expect(status, text).toBe(200);
		return (body as { lessons: { text: string }[] }).lessons.map((lesson) => lesson.text);
	};
	expect(await texts('queues')).toEqual(['Queues hide trouble until they overflow']);
	expect(await texts('ÜBERLAST')).toEqual(['Überlast erkennt man spät']);
	expect(await texts('"trouble until"')).toHaveLength(1);
	expect(await texts('"until trouble"')).toEqual([]);
	expect(await texts('queues -overflow')).toEqual([]);
	expect(await texts('alarms')).toEqual([]);
	for (const odd of ["'", '"', '\\', '& | !', ':*', '()', '-', '<->']) await texts(odd);
	const { body } = await ada.ask('GET /lessons');
	expect(body).toMatchObject({
		lessons: [
			{ incident: { id: one, title: 'mail is late' }, causes: ['queue'] },
			{ incident: { id: one } },
		],
	});
	expect((await ada.ask('GET /lessons?q=%00')).status).toBe(422);
	expect((await ada.ask('GET /retros/search?q=a%00b')).status).toBe(422);
	expect((await ada.ask(`GET /lessons?q=${'x'.repeat(201)}`)).status).toBe(422);
});

test('a resolved incident of SEV3 or worse is due for a retrospective, five business days later overdue', async () => {
	const find = async (id: string) => {
		const { body } = await ada.ask('GET /retros');
		const { retros } = body as {
			retros: { incident: { id: string }; state: string; dueAt: string; isOverdue: boolean }[];
		};
		return retros.find(({ incident }) => incident.id === id);
	};
	const resolve = async (id: string) => {
		await api.ask(`POST /incidents/${id}/commands`, {
			body: { type: 'setStatus', status: 'resolved' },
		});
		await untilDerived(db.sql, id);
	};
	const [bad, minor] = [await declare('bad', 'SEV3'), await declare('minor', 'SEV4')];
	expect(await find(bad)).toBeUndefined();
	await resolve(bad);
	await resolve(minor);
	expect(await find(bad)).toMatchObject({ state: 'due', isOverdue: false });
	expect(await find(minor)).toBeUndefined();
	await db.sql`
		update projected_incidents set milestones = milestones || '{"resolved": "2026-01-02T10:00:00Z"}'
		where incident = ${bad}`;
	expect(await find(bad)).toMatchObject({ dueAt: '2026-01-09T23:59:59.000Z', isOverdue: true });
	await publishRetro(db.sql, bad, { state: 'inReview' });
	expect(await find(bad)).toMatchObject({ state: 'inReview', isOverdue: true });
	await db.sql`update projected_retros set state = 'published' where incident = ${bad}`;
	expect(await find(bad)).toMatchObject({ state: 'published', isOverdue: false });
	await publishRetro(db.sql, minor, { state: 'draft' });
	expect(await find(minor)).toMatchObject({ state: 'draft' });
});

test('of many retrospectives those that are due first are listed, not those that were published last', async () => {
	const [done, late, soon] = [await declare('done'), await declare('late'), await declare('soon')];
	await publishRetro(db.sql, done, {});
	for (const [id, due] of [
		[late, '2025-01-02T10:00:00Z'],
		[soon, '2025-01-03T10:00:00Z'],
	] as const) {
		await publishRetro(db.sql, id, { state: 'draft' });
		await db.sql`update projected_retros set due_at = ${due} where incident = ${id}`;
	}
	const asked = { severities: ['SEV1'], dueMs: 1_000, most: 2 } as const;
	const rows = await readRetroBoard(db.sql, asked);
	expect(rows.map(({ incidentTitle }) => incidentTitle)).toEqual(['late', 'soon']);
});
