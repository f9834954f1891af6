import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { reportOf } from '#core/incident/document.ts';
import { addCause, deleteFinding, writeFinding } from '#core/retro/findings.ts';
import { retroDocumentOf, type FindingId, type IncidentId } from '#core/ids.ts';
import { TestApi, type ApiPerson } from '../../support/api.ts';
import { SyncPeer } from '../../support/client.ts';
import { testDatabaseUrl } from '../../support/database.ts';
import { openDatabase, type Database } from '#server/storage/database.ts';
import { until } from '../../support/until.ts';

let db: Database;
let api: TestApi;
let ada: ApiPerson;
let grace: ApiPerson;
let viewer: ApiPerson;
beforeAll(async () => {
	const url = await testDatabaseUrl();
	db = openDatabase({ url });
	api = await TestApi.start(url);
	ada = await api.invite('Ada');
	grace = await api.invite('Grace');
	viewer = await api.invite('Vera', 'viewer');
});
afterAll(async () => {
	await api[Symbol.asyncDispose]();
	await db[Symbol.asyncDispose]();
});

interface RetroAnswer {
	readonly stage: string;
	readonly owner: { readonly id: string } | null;
	readonly due: string | null;
	readonly markdown: string;
	readonly findings: readonly { readonly text: string; readonly causes: readonly string[] }[];
	readonly versions: readonly { readonly version: number }[];
	readonly comments: readonly { readonly text: string; readonly by: { readonly name: string } }[];
	readonly mayEdit: boolean;
}

async function resolved(title = 'checkout is down'): Promise<IncidentId> {
	const incident = (await api.declare(title)) as IncidentId;
	await log(incident, 'pool at 60/60', true);
	await command(incident, { type: 'setStatus', status: 'resolved' });
	return incident;
}

async function log(incident: string, text: string, starred = false): Promise<string> {
	const body = { text, starred };
	const answer = await api.ask(`POST /incidents/${incident}/entries`, { body, token: ada.token });
	return (answer.body as { id: string }).id;
}

async function command(incident: string, body: object): Promise<void> {
	const answer = await api.ask(`POST /incidents/${incident}/commands`, { body, token: ada.token });
	expect(answer.status).toBe(200);
}

async function begun(title?: string): Promise<IncidentId> {
	const incident = await resolved(title);
	const answer = await api.ask(`POST /incidents/${incident}/retro`, {
		...{ body: { owner: ada.id }, token: ada.token },
	});
	expect(answer.status).toBe(201);
	return incident;
}

async function read(incident: string): Promise<RetroAnswer> {
	const { status, body } = await api.ask(`GET /incidents/${incident}/retro`);
	expect(status).toBe(200);
	return body as RetroAnswer;
}

async function does(
	incident: string,
	{ token }: ApiPerson,
	...wishes: readonly object[]
): Promise<void> {
	for (const body of wishes) {
		const answer = await api.ask(`POST /incidents/${incident}/retro/commands`, { body, token });
		expect(answer).toMatchObject({ status: 200 });
	}
}

async function publish(incident: string): Promise<void> {
	await does(incident, ada, { type: 'setReviewers', people: [grace.id] }, { type: 'submit' });
	await does(incident, grace, { type: 'approve' });
	await does(incident, ada, { type: 'publish' });
}

function joins(incident: string, { token }: ApiPerson): SyncPeer {
	const syncUrl = `${api.url.replace('http', 'ws')}/sync`;
	return new SyncPeer({ syncUrl, incident: `${incident}/retro`, token });
}

/** What lists and figures know of an incident's findings. */
async function resultsOf(incident: IncidentId) {
	const causes = await db.sql<{ cause: string }[]>`
		select cause from projected_causes where incident = ${incident}`;
	const findings = await db.sql<{ text: string }[]>`
		select text from projected_findings where incident = ${incident} order by position`;
	const { lessons } = (await api.ask('GET /lessons')).body as {
		lessons: readonly { text: string; incident: { id: string } }[];
	};
	const mine = lessons.filter((lesson) => lesson.incident.id === incident);
	return {
		causes: causes.map(({ cause }) => cause),
		findings: findings.map(({ text }) => text),
		lessons: mine.map(({ text }) => text),
	};
}

/** Waits until lists show a retrospective up to its last turn. */
async function untilRetroListed(incident: IncidentId): Promise<void> {
	await until('it is listed', async () => {
		const rows = await db.sql`
			select from documents d join projected_retros r using (incident)
			where d.id = ${retroDocumentOf(incident)} and d.turn = r.upto_turn`;
		return rows.length === 1;
	});
}

function types(doc: Y.Doc, words: string): void {
	const paragraph = new Y.XmlElement('paragraph');
	paragraph.insert(0, [new Y.XmlText(words)]);
	reportOf(doc).push([paragraph]);
}

describe('a retrospective', () => {
	test('is begun once the incident is resolved, and not before', async () => {
		const incident = await api.declare();
		const early = await api.ask(`POST /incidents/${incident}/retro`, { body: {} });
		expect(early).toMatchObject({ status: 409, body: { error: { code: 'conflict' } } });
		const none = await api.ask(`GET /incidents/${incident}/retro`);
		expect(none).toMatchObject({
			status: 404,
			body: { error: { message: 'Nobody has begun a retrospective of this incident.' } },
		});
	});

	test('begins with what is known, an owner and a due date; begun twice it is the same one', async () => {
		const incident = await begun();
		const first = await read(incident);
		expect(first).toMatchObject({ stage: 'draft', owner: { id: ada.id }, mayEdit: true });
		expect(first.markdown).toContain('## Contributing factors');
		expect(first.markdown).toContain('checkout is down');
		expect(Date.parse(first.due ?? '')).toBeGreaterThan(Date.now());
		const again = await api.ask(`POST /incidents/${incident}/retro`, { body: {} });
		expect(again).toMatchObject({ status: 200, body: { owner: { id: ada.id } } });
	});

	test('[R1] is edited by several people at once, and read by viewers', async () => {
		const incident = await begun();
		using his = joins(incident, ada);
		using hers = joins(incident, grace);
		await Promise.all([his.connect(), hers.connect()]);
		his.edit('his', (doc) => types(doc, 'The pool was full.'));
		hers.edit('hers', (doc) => types(doc, 'Nobody was paged.'));
		await Promise.all([his.saved(), hers.saved()]);
		await until('both have both', () =>
			[his, hers].every(({ doc }) => {
				const text = reportOf(doc).toJSON();
				return text.includes('The pool was full.') && text.includes('Nobody was paged.');
			}),
		);
		const seen = await api.ask(`GET /incidents/${incident}/retro`, { token: viewer.token });
		expect(seen).toMatchObject({ status: 200, body: { mayEdit: false } });
		expect((seen.body as RetroAnswer).markdown).toContain('Nobody was paged.');
	});

	test('[R2] is written by nobody who may only read, and by nobody who is not signed in', async () => {
		const incident = await begun();
		const before = await read(incident);
		using watching = joins(incident, viewer);
		await watching.connect();
		watching.edit('a try', (doc) => types(doc, 'I was here.'));
		expect((await watching.ended()).code).toBe(4403);
		using stranger = joins(incident, { ...viewer, token: 'nobody' });
		await stranger.connect().catch(() => undefined);
		expect((await stranger.ended()).code).toBe(401);
		const asked = { body: { type: 'submit' }, token: viewer.token };
		const refused = await api.ask(`POST /incidents/${incident}/retro/commands`, asked);
		expect(refused.status).toBe(403);
		expect(await read(incident)).toEqual(before);
	});

	test('[R3] published it takes no more edits, and keeps what it showed of the incident', async () => {
		const incident = await begun();
		const entry = await log(incident, 'the words as they were', true);
		await publish(incident);
		using late = joins(incident, grace);
		await late.connect();
		late.edit('late', (doc) => types(doc, 'one more thing'));
		expect((await late.ended()).code).toBe(4403);
		await command(incident, {
			...{ type: 'setMilestone', milestone: 'detected', at: '2026-01-01T00:00:00Z' },
		});
		await log(incident, 'found in the logs afterwards');
		const { status, body } = await api.ask(`GET /incidents/${incident}/retro/versions/1`);
		expect(status).toBe(200);
		const version = body as {
			incident: { timeline: readonly { id: string; text: string }[] };
			changedSince: readonly { of: string; words: string }[];
		};
		expect(version.incident.timeline).toContainEqual(
			expect.objectContaining({ id: entry, text: 'the words as they were' }),
		);
		expect(JSON.stringify(version.incident)).not.toContain('found in the logs afterwards');
		expect(version.changedSince).toContainEqual(
			expect.objectContaining({ of: 'New entry', words: 'found in the logs afterwards' }),
		);
		expect(version.changedSince.map(({ of }) => of)).toContain('Detected');
	});

	test('published it tells what happened by people’s names, then and since', async () => {
		const incident = await begun();
		await publish(incident);
		await command(incident, { type: 'close' });
		const { body } = await api.ask(`GET /incidents/${incident}/retro/versions/1`);
		const { incident: shown, changedSince } = body as {
			incident: { timeline: readonly { text: string; by: { name: string } }[] };
			changedSince: readonly { of: string; words: string }[];
		};
		const [declared] = shown.timeline;
		expect(declared?.text).toBe(`Incident declared by ${declared?.by.name}`);
		const told = [
			...shown.timeline.map(({ text }) => text),
			...changedSince.map((one) => one.words),
		];
		expect(told.filter((text) => /[\da-f]{8}-[\da-f]{4}-/.test(text))).toEqual([]);
		expect(changedSince.map(({ of }) => of)).toEqual(expect.arrayContaining(['Phase', 'New fact']));
	});

	test('[R4] revised and published again it has a second version, and the first stays as it was', async () => {
		const incident = await begun();
		await publish(incident);
		const first = (await api.ask(`GET /incidents/${incident}/retro/versions/1`)).text;
		await does(incident, ada, { type: 'revise' });
		using ours = joins(incident, ada);
		await ours.connect();
		ours.edit('more', (doc) => types(doc, 'What we learnt a month later.'));
		await ours.saved();
		await publish(incident);
		const second = await api.ask(`GET /incidents/${incident}/retro/versions/last`);
		expect(second).toMatchObject({ status: 200, body: { version: 2 } });
		expect(second.text).toContain('What we learnt a month later.');
		expect((await api.ask(`GET /incidents/${incident}/retro/versions/1`)).text).toBe(first);
	});

	test('[R5] published it is found by its words, by everybody who may read', async () => {
		const incident = await begun('mill pond froze');
		using ours = joins(incident, ada);
		await ours.connect();
		ours.edit('words', (doc) => types(doc, 'The sluice gate was left to a cron job.'));
		await ours.saved();
		const search = () => api.ask('GET /retros/search?q=sluice', { token: viewer.token });
		expect((await search()).body).toEqual({ found: [] });
		await publish(incident);
		await until('it is found', async () => {
			const { body } = await search();
			return (body as { found: readonly unknown[] }).found.length === 1;
		});
		expect((await search()).body).toMatchObject({
			found: [
				{
					incident: { id: incident, title: 'mill pond froze' },
					excerpt: expect.stringContaining('«sluice»') as string,
				},
			],
		});
	});

	test('changed after an approval, it says that the approval is of an earlier text', async () => {
		const incident = await begun();
		await does(incident, ada, { type: 'setReviewers', people: [grace.id] }, { type: 'submit' });
		await does(incident, grace, { type: 'approve' });
		using ours = joins(incident, ada);
		await ours.connect();
		ours.edit('more', (doc) => types(doc, 'One more thing that nobody has read.'));
		await ours.saved();
		expect(await read(incident)).toMatchObject({
			...{ approved: [], approvedEarlier: [{ id: grace.id }] },
		});
		const publishing = { body: { type: 'publish' }, token: ada.token };
		const early = await api.ask(`POST /incidents/${incident}/retro/commands`, publishing);
		expect(early).toMatchObject({ status: 409, body: { error: { field: 'reviewers' } } });
		await does(incident, grace, { type: 'comment', text: 'Read.' }, { type: 'approve' });
		expect(await read(incident)).toMatchObject({
			...{ approved: [{ id: grace.id }], approvedEarlier: [] },
		});
		await does(incident, ada, { type: 'publish' });
	});

	test('a version that an earlier release kept says who approved it', async () => {
		const incident = await begun();
		await publish(incident);
		await db.sql`
			update retro_versions set content = jsonb_set(
				content::jsonb #- '{retro,approvals}' #- '{retro,written}', '{retro,approved}',
				${JSON.stringify([grace.id])}::text::jsonb
			)::json where incident = ${incident}`;
		const { body } = await api.ask(`GET /incidents/${incident}/retro/versions/1`);
		expect(body).toMatchObject({
			retro: { approved: [{ id: grace.id }], approvedEarlier: [] },
		});
	});

	test('[R17] its findings are results once they are published, and stay until a further version replaces them', async () => {
		const incident = await begun();
		using ours = joins(incident, ada);
		await ours.connect();
		const [factor, lesson] = ['01KAV000000000000000000001', '01KAV000000000000000000002'];
		ours.edit('a factor and a lesson', (doc) => {
			const id = factor as FindingId;
			writeFinding(doc, id, { kind: 'factor', text: 'The pool was small', order: 'V' });
			addCause(doc, id, { ulid: id, name: 'capacity' });
			const text = 'Alert on saturation';
			writeFinding(doc, lesson as FindingId, { kind: 'lesson', text, order: 'W' });
		});
		await ours.saved();
		await untilRetroListed(incident);
		expect(await resultsOf(incident)).toEqual({ causes: [], findings: [], lessons: [] });
		await publish(incident);
		const first = {
			causes: ['capacity'],
			findings: ['The pool was small', 'Alert on saturation'],
			lessons: ['Alert on saturation'],
		};
		await untilRetroListed(incident);
		expect(await resultsOf(incident)).toEqual(first);
		await does(incident, ada, { type: 'revise' });
		ours.edit('no factor', (doc) => deleteFinding(doc, factor as FindingId));
		await ours.saved();
		await untilRetroListed(incident);
		expect(await resultsOf(incident)).toEqual(first);
		await publish(incident);
		await untilRetroListed(incident);
		expect(await resultsOf(incident)).toEqual({
			...{ causes: [], findings: ['Alert on saturation'], lessons: ['Alert on saturation'] },
		});
	});

	test('is seen as it was at any instant, with what was written since', async () => {
		const incident = await begun();
		using ours = joins(incident, ada);
		await ours.connect();
		await does(incident, ada, { type: 'nameVersion', name: 'before the meeting' });
		const { named } = (await api.ask(`GET /incidents/${incident}/retro`)).body as {
			named: readonly { name: string; at: string }[];
		};
		ours.edit('more', (doc) => types(doc, 'What the meeting found.'));
		await ours.saved();
		const then = await api.ask(`GET /incidents/${incident}/retro/at?t=${named[0]?.at}`);
		expect(then).toMatchObject({ status: 200, body: { retro: { stage: 'draft' } } });
		const { retro, writtenSince } = then.body as {
			retro: RetroAnswer;
			writtenSince: readonly { of: string; text: { inserted: string } }[];
		};
		expect(retro.markdown).not.toContain('What the meeting found.');
		expect(writtenSince).toMatchObject([
			{ of: 'Actions', text: { inserted: expect.stringContaining('What the meeting found.') } },
		]);
	});

	test('whose text somebody deleted is brought back, and goes on', async () => {
		const incident = await begun();
		using ours = joins(incident, ada);
		await ours.connect();
		const long = 'It took us a while to see it. '.repeat(20);
		ours.edit('long', (doc) => types(doc, long));
		await ours.saved();
		ours.edit('gone', (doc) => reportOf(doc).delete(0, reportOf(doc).length));
		await ours.saved();
		expect((await read(incident)).markdown).toBe('');
		await until('it is told', async () => {
			const body = { beforeLastDeletion: true };
			const route = `POST /incidents/${incident}/retro/restore`;
			return (await api.ask(route, { body, token: grace.token })).status === 200;
		});
		expect((await read(incident)).markdown).toContain(long.trim());
	});

	test('is not reviewed while an action has no owner or no due date', async () => {
		const incident = await begun();
		const action = await api.ask(`POST /incidents/${incident}/actions`, {
			...{ body: { title: 'alert on saturation' }, token: ada.token },
		});
		await does(incident, ada, { type: 'setReviewers', people: [grace.id] });
		const submit = () =>
			api.ask(`POST /incidents/${incident}/retro/commands`, {
				...{ body: { type: 'submit' }, token: ada.token },
			});
		expect(await submit()).toMatchObject({
			status: 409,
			body: { error: { message: expect.stringContaining('alert on saturation') as string } },
		});
		const { id } = action.body as { id: string };
		const owned = { owner: grace.id, dueOn: '2026-12-31' };
		await api.ask(`PATCH /actions/${id}`, { body: owned, token: ada.token });
		expect((await submit()).status).toBe(200);
	});

	test('is not reviewed while one of very many actions has no due date', async () => {
		const incident = await begun();
		await db.sql`
			insert into actions (id, incident, title, kind, owner, due_on, made_by, changed_by)
			select gen_random_uuid(), ${incident}, 'action ' || n, 'prevent', ${grace.id},
				case when n < 600 then date '2030-01-01' end, ${ada.id}, ${ada.id}
			from generate_series(1, 600) n`;
		await does(incident, ada, { type: 'setReviewers', people: [grace.id] });
		const asked = { body: { type: 'submit' }, token: ada.token };
		const { status, text } = await api.ask(`POST /incidents/${incident}/retro/commands`, asked);
		expect([status, text]).toEqual([409, expect.stringContaining('first: “action 600”.')]);
	});

	test('is owned and reviewed by people who may write in it, and by nobody else', async () => {
		const incident = await begun();
		const nobody = '00000000-0000-4000-8000-000000000000';
		for (const [person, words] of [
			[viewer.id, 'Vera may only read here. Name somebody else.'],
			[nobody, 'There is no such person.'],
		] as const) {
			for (const [field, body] of [
				['people', { type: 'setReviewers', people: [grace.id, person] }],
				['person', { type: 'setOwner', person }],
			] as const) {
				const route = `POST /incidents/${incident}/retro/commands`;
				const answer = await api.ask(route, { body, token: ada.token });
				expect(answer.status).toBe(422);
				expect(answer.body).toMatchObject({ error: { field, message: words } });
			}
		}
		const other = await resolved();
		const asked = { body: { owner: nobody }, token: ada.token };
		expect((await api.ask(`POST /incidents/${other}/retro`, asked)).status).toBe(422);
	});

	test('is commented on by name, and what is said stays', async () => {
		const incident = await begun();
		await does(incident, grace, { type: 'comment', text: 'What did the graph show?' });
		expect((await read(incident)).comments).toMatchObject([
			{ text: 'What did the graph show?', by: { name: 'Grace' } },
		]);
	});
});

describe('what new retrospectives begin with', () => {
	test('is changed by admins, and by nobody else', async () => {
		const sections = [{ heading: 'In short', question: 'What happened?', prefill: 'summary' }];
		const refused = await api.ask('PUT /retro-template', {
			...{ body: { sections }, token: ada.token },
		});
		expect(refused.status).toBe(403);
		const changed = await api.ask('PUT /retro-template', { body: { sections } });
		expect(changed).toMatchObject({ status: 200, body: { sections, isDefault: false } });
		const { markdown } = await read(await begun());
		expect(markdown).toContain('## In short');
		expect(markdown).not.toContain('## Contributing factors');
		const back = await api.ask('DELETE /retro-template');
		expect(back).toMatchObject({ status: 200, body: { isDefault: true } });
	});

	test('has headings that differ', async () => {
		const section = { heading: 'In short', question: 'What happened?' };
		const body = { sections: [section, { ...section, heading: 'IN SHORT' }] };
		const refused = await api.ask('PUT /retro-template', { body });
		expect(refused).toMatchObject({ status: 422, body: { error: { field: 'sections' } } });
	});
});
