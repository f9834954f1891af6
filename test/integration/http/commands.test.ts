import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { TestApi, type ApiPerson, type ApiAnswer } from '../../support/api.ts';
import { testDatabaseUrl } from '../../support/database.ts';

let api: TestApi;
let ada: ApiPerson;
let grace: ApiPerson;
let linus: ApiPerson;
let incident: string;
beforeAll(async () => {
	api = await TestApi.start(await testDatabaseUrl());
	ada = await api.invite('Ada');
	grace = await api.invite('Grace');
	linus = await api.invite('Linus', 'viewer');
});
beforeEach(async () => void (incident = await api.declare()));
afterAll(() => api[Symbol.asyncDispose]());

function command(body: object, { token }: { token: string } = ada): Promise<ApiAnswer> {
	return api.ask(`POST /incidents/${incident}/commands`, { token, body });
}

async function reading(): Promise<unknown> {
	return (await api.ask(`GET /incidents/${incident}`)).body;
}

const by = () => ({ id: ada.id, name: 'Ada' });

test.each([
	[{ type: 'rename', title: 'payments are down' }, { title: 'payments are down' }],
	[{ type: 'setSeverity', severity: 'SEV1' }, { severity: 'SEV1' }],
	[{ type: 'setStatus', status: 'identified' }, { status: 'identified' }],
	[
		{ type: 'setMilestone', milestone: 'detected', at: '2026-11-24T02:13:00+01:00' },
		{ milestones: { detected: '2026-11-24T01:13:00.000Z' } },
	],
	[
		{ type: 'link', url: 'https://status.example/1' },
		{ links: [{ url: 'https://status.example/1', title: 'https://status.example/1' }] },
	],
])('the command %j is answered with its facts and changes the reading', async (body, after) => {
	const answer = await command(body);
	expect(answer.status).toBe(200);
	const { facts } = answer.body as { facts: { id: string; text: string }[] };
	expect(facts).toHaveLength(1);
	expect(facts[0]).toMatchObject({ by: by(), text: expect.stringContaining('Ada') as string });
	expect(await reading()).toMatchObject(after);
	expect(await reading()).toMatchObject({
		timeline: expect.arrayContaining([
			expect.objectContaining({ id: facts[0]?.id, text: facts[0]?.text, source: 'fact' }),
		]) as unknown,
	});
});

test('a role is taken, assigned and released', async () => {
	expect((await command({ type: 'takeRole', role: 'commander' })).body).toMatchObject({
		facts: [{ kind: 'role', role: 'commander', person: by(), text: 'Ada takes Commander' }],
	});
	await command({ type: 'assignRole', role: 'ops', person: grace.id });
	expect(await reading()).toMatchObject({
		roles: {
			commander: { person: by(), acting: false },
			ops: { person: { id: grace.id, name: 'Grace' }, acting: false },
		},
	});
	await command({ type: 'releaseRole', role: 'ops' });
	expect(await reading()).toMatchObject({ roles: { ops: null } });
});

test('a command that changes nothing answers with no facts', async () => {
	const answer = await command({ type: 'releaseRole', role: 'ops' });
	expect(answer).toMatchObject({ status: 200, body: { facts: [] } });
});

test('who was too late reads who was faster', async () => {
	await command({ type: 'setSeverity', severity: 'SEV2' }, grace);
	const late = await command({ type: 'setSeverity', severity: 'SEV1', expects: null });
	expect(late).toMatchObject({
		status: 409,
		body: {
			error: {
				code: 'conflict',
				message: expect.stringMatching(/^Grace set SEV2 .* before you\.$/) as string,
			},
		},
	});
});

test('the same key answers with the first facts, also once something else has happened', async () => {
	const body = { type: 'setSeverity', severity: 'SEV1', idempotencyKey: 'once' };
	const first = await command(body);
	await command({ type: 'setSeverity', severity: 'SEV3' });
	const second = await command(body);
	expect(second).toMatchObject({ status: 200, body: first.body as object });
	expect(await reading()).toMatchObject({ severity: 'SEV3' });
	const other = await command({ ...body, severity: 'SEV4' });
	expect(other).toMatchObject({ status: 409, body: { error: { field: 'idempotencyKey' } } });
});

test('two at once with one key are one command', async () => {
	const body = { type: 'link', url: 'https://status.example/1', idempotencyKey: 'twice' };
	const [first, second] = await Promise.all([command(body), command(body)]);
	expect(second.body).toEqual(first.body);
	expect((await reading()) as { links: [] }).toMatchObject({ links: [expect.anything()] });
});

test('what the state does not allow is refused with a sentence', async () => {
	const answer = await command({ type: 'close' });
	expect(answer).toMatchObject({
		status: 409,
		body: { error: { code: 'conflict', message: 'Only a resolved incident can be closed.' } },
	});
});

test('a closed incident is sealed until it is reopened', async () => {
	await command({ type: 'setStatus', status: 'resolved' });
	await command({ type: 'close' });
	expect(await command({ type: 'rename', title: 'another' })).toMatchObject({
		status: 409,
		body: { error: { code: 'sealed' } },
	});
	const entry = await api.ask(`POST /incidents/${incident}/entries`, { body: { text: 'late' } });
	expect(entry).toMatchObject({ status: 409, body: { error: { code: 'sealed' } } });
	const correction = { type: 'setMilestone', milestone: 'detected', at: '2026-11-24T02:13:00Z' };
	expect((await command(correction)).status).toBe(200);
	expect((await command({ type: 'reopen' })).status).toBe(200);
	expect((await command({ type: 'rename', title: 'another' })).status).toBe(200);
});

test('a viewer is told so, and of an unknown incident no more than anybody', async () => {
	expect(await command({ type: 'setSeverity', severity: 'SEV1' }, linus)).toMatchObject({
		status: 403,
		body: { error: { code: 'forbidden' } },
	});
	expect(await reading()).toMatchObject({ severity: null });
	const elsewhere = await api.ask('POST /incidents/00000000-0000-4000-8000-000000000000/commands', {
		token: linus.token,
		body: { type: 'close' },
	});
	expect(elsewhere.status).toBe(404);
});

test('a role cannot be assigned to somebody who has left', async () => {
	const guest = await api.invite('Guest');
	expect((await api.ask(`DELETE /tokens/${guest.id}`)).status).toBe(204);
	const given = await command({ type: 'assignRole', role: 'ops', person: guest.id });
	expect(given).toMatchObject({ status: 422, body: { error: { field: 'person' } } });
});

test.each([
	['00000000-0000-4000-8000-000000000000', 'nobody'],
	['00000000-0000-0000-0000-000000000000', 'Muster itself'],
])('a role cannot be assigned to %s, who is %s', async (person) => {
	expect(await command({ type: 'assignRole', role: 'ops', person })).toMatchObject({
		status: 422,
		body: { error: { code: 'invalid', field: 'person' } },
	});
	expect(await reading()).toMatchObject({ roles: { ops: null } });
});
