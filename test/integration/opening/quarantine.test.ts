import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DocumentId } from '#core/ids.ts';
import { openDatabase, type Database } from '#server/storage/database.ts';
import { keepCheckpoint, newestCheckpoint } from '#server/storage/checkpoints.ts';
import { countQuarantines, readQuarantine } from '#server/storage/quarantines.ts';
import { TestApi, type ApiPerson } from '../../support/api.ts';
import { SyncPeer } from '../../support/client.ts';
import { testDatabaseUrl } from '../../support/database.ts';
import {
	brokenUpdate,
	endlessState,
	hugeUpdate,
	looseUpdate,
	poison,
	scribble,
	slowUpdates,
} from '../../support/poison.ts';
import { until } from '../../support/until.ts';

let url: string;
let db: Database;
let api: TestApi;
let grace: ApiPerson;
beforeAll(async () => {
	url = await testDatabaseUrl();
	db = openDatabase({ url });
	await begin();
	grace = await api.invite('Grace');
});
afterAll(async () => {
	await api[Symbol.asyncDispose]();
	await db[Symbol.asyncDispose]();
});

async function begin(): Promise<void> {
	api = await TestApi.start(url);
}

/** Muster starts anew, so that every room is opened anew; what happens in between is in the store. */
async function restart(meanwhile: () => Promise<unknown>): Promise<void> {
	await api[Symbol.asyncDispose]();
	await meanwhile();
	await begin();
}

async function log(incident: string, text: string): Promise<number> {
	return (await api.ask(`POST /incidents/${incident}/entries`, { body: { text } })).status;
}

async function textsOf(incident: string): Promise<string[]> {
	const { body } = await api.ask(`GET /incidents/${incident}`);
	return (body as { timeline: { text: string }[] }).timeline.map(({ text }) => text);
}

const poisons: readonly [string, (document: DocumentId) => Promise<unknown>, RegExp][] = [
	['bytes that are no turn', (document) => scribble(db.sql, document), /Turn 3 cannot be read/],
	['a broken update', (document) => poison(db.sql, document, brokenUpdate()), /end of array/],
	['an edit without its base', (document) => poison(db.sql, document, looseUpdate()), /missing/],
	[
		'an update that takes seconds',
		(document) => poison(db.sql, document, ...slowUpdates()),
		/longer than 2 s/,
	],
	[
		'an update that eats memory',
		(document) => poison(db.sql, document, hugeUpdate()),
		/needs more than 512 MiB|longer than 2 s/,
	],
];

test.each(poisons)('%s puts its own incident in quarantine, and no other', async (_, write, why) => {
	const sick = (await api.declare('sick')) as DocumentId;
	const well = await api.declare('well');
	await log(sick, 'pool at 60/60');
	await log(well, 'all is well');
	await restart(() => write(sick));
	let isOpen = false;
	const opening = api.ask(`GET /incidents/${sick}`).finally(() => (isOpen = true));
	const waits: number[] = [];
	while (!isOpen) {
		const startedAt = performance.now();
		expect(await log(well, 'still well')).toBe(201);
		waits.push(performance.now() - startedAt);
	}
	console.log(`${waits.length} entries elsewhere, the slowest after ${Math.max(...waits)} ms`);
	expect((await opening).status).toBe(200);
	expect(await textsOf(sick)).toContain('pool at 60/60');
	expect((await readQuarantine(db.sql, sick))?.why).toMatch(why);
	const refused = await api.ask(`POST /incidents/${sick}/entries`, { body: { text: 'x' } });
	expect(refused).toMatchObject({
		status: 403,
		body: { error: { message: expect.stringMatching(/could not be opened whole/) as string } },
	});
	const lines = api.log.filter((line) => line.includes('document is in quarantine'));
	expect(lines.filter((line) => line.includes(sick))).toHaveLength(1);
});
