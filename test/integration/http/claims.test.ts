import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestApi } from '../../support/api.ts';
import { testDatabaseUrl } from '../../support/database.ts';
import { declare, invite } from '../../support/people.ts';

let api: TestApi;
beforeAll(async () => void (api = await TestApi.start(await testDatabaseUrl())));
afterAll(() => api[Symbol.asyncDispose]());

interface Reading {
	readonly roles: Readonly<Record<string, { person: { name: string } } | null>>;
	readonly timeline: readonly { text: string }[];
}

test('two who claim a role at the same moment: one holds it, one is refused, both are on record', async () => {
	const [ada, grace] = [await invite(api, 'Ada'), await invite(api, 'Grace')];
	const incident = await declare(api);
	const claim = ({ token }: { token: string }) =>
		api.ask(`POST /incidents/${incident}/commands`, {
			token,
			body: { type: 'takeRole', role: 'ops', expects: null },
		});
	const answers = await Promise.all([claim(ada), claim(grace)]);
	expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
	const [holder, other] = answers[0]?.status === 200 ? ['Ada', 'Grace'] : ['Grace', 'Ada'];
	const refused = answers.find(({ status }) => status === 409);
	expect(refused?.text).toContain(`${holder} set Ops lead to ${holder} one second before you.`);

	const reading = (await api.ask(`GET /incidents/${incident}`)).body as Reading;
	expect(reading.roles['ops']?.person.name).toBe(holder);
	const texts = reading.timeline.map(({ text }) => text);
	expect(texts).toContain(`${holder} takes Ops lead`);
	expect(texts).toContain(`${other} claims Ops lead too; ${holder} has it`);
});
