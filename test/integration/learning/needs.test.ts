import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IncidentId } from '#core/ids.ts';
import { limits } from '#server/limits.ts';
import { openDatabase, type Database } from '#server/storage/database.ts';
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
	[ada, grace] = [await join(api, 'Ada'), await join(api, 'Grace')];
});
afterAll(async () => {
	await api[Symbol.asyncDispose]();
	await db[Symbol.asyncDispose]();
});

async function incidentWithRetro(title: string): Promise<IncidentId> {
	const id = (await api.declare(title)) as IncidentId;
	await untilDerived(db.sql, id);
	await publishRetro(db.sql, id, { state: 'draft' });
	return id;
}

async function needsOf(member: Member) {
	const { status, body, text } = await member.ask('GET /needs');
	expect(status, text).toBe(200);
	return body as {
		retros: { incident: { title: string }; need: string; dueAt: string | null }[];
		overdueActions: number;
	};
}

const nothing = { retros: [], overdueActions: 0 };

test('a retrospective needs its owner until it is published, and each reviewer until they approve', async () => {
	const id = await incidentWithRetro('checkout is down');
	expect(await needsOf(ada)).toEqual(nothing);
	await db.sql`
		update projected_retros set owner = ${ada.id}, due_at = '2026-11-24T02:13:00Z',
			reviewers = ${[grace.id]}::uuid[] where incident = ${id}`;
	const owned = { need: 'write', dueAt: '2026-11-24T02:13:00.000Z' };
	expect((await needsOf(ada)).retros).toMatchObject([
		{ incident: { id, title: 'checkout is down' }, ...owned },
	]);
	expect(await needsOf(grace)).toEqual(nothing);
	await db.sql`update projected_retros set state = 'inReview' where incident = ${id}`;
	expect((await needsOf(ada)).retros).toMatchObject([owned]);
	expect((await needsOf(grace)).retros).toMatchObject([{ need: 'review' }]);
	await db.sql`update projected_retros set approved = reviewers where incident = ${id}`;
	expect(await needsOf(grace)).toEqual(nothing);
	await db.sql`update projected_retros set state = 'published' where incident = ${id}`;
	expect(await needsOf(ada)).toEqual(nothing);
});

test('only my own open actions whose day is over need me', async () => {
	const id = (await api.declare('search is slow')) as IncidentId;
	await untilDerived(db.sql, id);
	const add = async (body: object) => {
		const { status, text } = await ada.ask(`POST /incidents/${id}/actions`, {
			body: { title: 'Alert on saturation', ...body },
		});
		expect(status, text).toBe(201);
	};
	await add({ owner: grace.id, dueOn: '2026-01-05' });
	await add({ owner: grace.id, dueOn: '2126-01-05' });
	await add({ owner: grace.id });
	await add({ owner: null, dueOn: '2026-01-05' });
	expect((await needsOf(grace)).overdueActions).toBe(1);
	expect((await needsOf(ada)).overdueActions).toBe(0);
});

test('however many of my actions are overdue, all of them are counted', async () => {
	const id = (await api.declare('many follow-ups')) as IncidentId;
	const count = limits.actionsListed + 1;
	await addActions(db.sql, id, { count, owner: ada.id, dueOn: '2026-01-05' });
	expect((await needsOf(ada)).overdueActions).toBe(count);
	await db.sql`delete from actions where incident = ${id}`;
});
