import { afterAll, beforeAll, expect, test } from 'vitest';
import * as Y from 'yjs';
import { retroDocumentOf, type FindingId, type IncidentId } from '#core/ids.ts';
import { reportOf } from '#core/incident/document.ts';
import { addCause, writeFinding } from '#core/retro/findings.ts';
import { openDatabase, type Database } from '#server/storage/database.ts';
import { TestApi, type ApiPerson } from '../../support/api.ts';
import { SyncPeer } from '../../support/client.ts';
import { testDatabaseUrl } from '../../support/database.ts';
import { chainFaults, placesOf, sweepStore } from '../../support/sweep.ts';
import { until } from '../../support/until.ts';

const canary = 'CANARY-7f3a-Ünï';

let db: Database;
let api: TestApi;
let grace: ApiPerson;
beforeAll(async () => {
	const url = await testDatabaseUrl();
	db = openDatabase({ url });
	api = await TestApi.start(url);
	grace = await api.invite('Grace');
});
afterAll(async () => {
	await api[Symbol.asyncDispose]();
	await db[Symbol.asyncDispose]();
});

async function does(route: string, body: object, token?: string): Promise<unknown> {
	const answer = await api.ask(route, { body, ...(token && { token }) });
	expect(answer.status, answer.text).toBeLessThan(300);
	return answer.body;
}

/** The canary in the room and in all that is written about the incident, part of it published. */
async function writeCanaries(): Promise<{ incident: IncidentId; hers: SyncPeer }> {
	const incident = (await api.declare()) as IncidentId;
	const room = `/incidents/${incident}`;
	await does(`POST ${room}/entries`, { text: `rotate ${canary}`, starred: true });
	await does(`POST ${room}/commands`, { type: 'setStatus', status: 'resolved' });
	await does(`POST ${room}/retro`, { owner: grace.id });
	const syncUrl = `${api.url.replace('http', 'ws')}/sync`;
	const hers = new SyncPeer({ syncUrl, incident: `${incident}/retro`, token: grace.token });
	await hers.connect();
	hers.edit('report', (doc) => {
		const paragraph = new Y.XmlElement('paragraph');
		paragraph.insert(0, [new Y.XmlText(`the key ${canary} was in a log`)]);
		reportOf(doc).push([paragraph]);
		const finding = '01KAV000000000000000000001' as FindingId;
		writeFinding(doc, finding, { kind: 'factor', text: `we logged ${canary}`, order: 'V' });
		addCause(doc, finding, { ulid: finding, name: `leak ${canary}` });
		const lesson = '01KAV000000000000000000002' as FindingId;
		writeFinding(doc, lesson, { kind: 'lesson', text: `never log ${canary}`, order: 'W' });
	});
	await hers.saved();
	const anchor = { start: '{}', end: '{}', quote: canary };
	const commands = `POST ${room}/retro/commands`;
	await does(commands, { type: 'comment', text: `is ${canary} rotated?`, anchor });
	await does(commands, { type: 'nameVersion', name: `with ${canary}` });
	await does(commands, { type: 'setReviewers', people: [grace.id] });
	await does(commands, { type: 'submit' });
	await does(commands, { type: 'approve' }, grace.token);
	await does(commands, { type: 'publish' });
	await does('POST /causes', { name: `leak ${canary}` });
	await does(`POST ${room}/actions`, { title: `rotate ${canary} again` });
	const { problem } = (await does('POST /problems', {
		...{ title: `leaks of ${canary}`, description: canary },
	})) as { problem: { number: number } };
	await does(`POST /problems/${problem.number}/incidents`, { incident });
	return { incident, hers };
}

test('[K15] what is removed is gone from the retrospective, what was published, actions, problems, causes and lessons', async () => {
	const { incident, hers } = await writeCanaries();
	const retro = retroDocumentOf(incident);
	const sweep = async (): Promise<string[]> => [
		...placesOf(await sweepStore(db.sql, incident), canary),
		...placesOf(await sweepStore(db.sql, retro), canary).map((place) => `retro ${place}`),
	];
	const read = async (path: string) => (await api.ask(`GET ${path}`)).text;
	const answers = async (): Promise<string> =>
		(
			await Promise.all([
				...['', '/versions/1'].map((part) => read(`/incidents/${incident}/retro${part}`)),
				read(`/incidents/${incident}/actions`),
				...['/problems', '/lessons', '/causes', '/retros'].map(read),
				read(`/retros/search?q=${encodeURIComponent(canary)}`),
			])
		).join('\n');
	await until('it is published', async () => {
		return (await api.ask(`GET /incidents/${incident}/retro/versions/1`)).status === 200;
	});
	expect(await sweep()).toEqual(
		expect.arrayContaining([
			...['table retro_versions', 'table projected_findings', 'table projected_causes'],
			...['table actions', 'table problems', 'table snapshots', 'retro history'],
		]),
	);
	expect(await answers()).toContain(canary);
	await does(`POST /incidents/${incident}/removals`, { text: canary, reason: 'a key' });
	await until('what was published is there again', async () => {
		return (await api.ask(`GET /incidents/${incident}/retro/versions/1`)).status === 200;
	});
	expect(await answers()).not.toContain(canary);
	expect(await sweep()).toEqual([]);
	expect(await chainFaults(db.sql, incident)).toEqual([]);
	expect(await chainFaults(db.sql, retro)).toEqual([]);
	await until('people see it no more', () => !reportOf(hers.doc).toJSON().includes(canary));
	expect(reportOf(hers.doc).toJSON()).toContain('was in a log');
	const version = await read(`/incidents/${incident}/retro/versions/1`);
	expect(version).toContain('was in a log');
	hers[Symbol.dispose]();
});
