import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DocumentId, PersonId } from '#core/ids.ts';
import { readIncident } from '#core/incident/reading.ts';
import { encodeEdits } from '#core/incident/turn.ts';
import { Replay } from '#core/review/replay.ts';
import { createLog } from '#server/log.ts';
import { makeDocument } from '#server/opening/material.ts';
import { Opening } from '#server/opening/opening.ts';
import { Workshop } from '#server/opening/workshop.ts';
import { openDatabase, type Database } from '#server/storage/database.ts';
import { testDatabaseUrl } from '../../support/database.ts';
import { longIncident, storeIncident } from '../../support/longIncident.ts';
import { looseUpdate } from '../../support/poison.ts';

const people = Array.from({ length: 5 }, () => randomUUID() as PersonId);
const turns = longIncident(
	{ edits: 12_000, people: 5, hours: 1, seed: 3 },
	1_764_000_000_000,
	people,
);
const nameOf = (person: PersonId) => person;

let url: string;
let db: Database;
let workshop: Workshop;
let opening: Opening;
beforeAll(async () => {
	url = await testDatabaseUrl();
	db = openDatabase({ url });
	workshop = new Workshop();
	await workshop.ready;
	opening = new Opening({ sql: db.sql, workbench: workshop, log: createLog('silent') });
});
afterAll(async () => {
	workshop[Symbol.dispose]();
	await db[Symbol.asyncDispose]();
});

async function open() {
	const { id } = await storeIncident({ url }, people, turns);
	return { document: id as DocumentId, opened: () => opening.open(id as DocumentId) };
}

/** What a history reads after a turn. */
function readAfter(turn: number): string {
	using replay = new Replay();
	replay.add(turns);
	return JSON.stringify(readIncident(replay.documentAt(turn), nameOf));
}

test('a history of many thousand turns without any checkpoint is opened whole', async () => {
	const { opened } = await open();
	const whole = await opened();
	expect(whole).toMatchObject({ turn: turns.length, quarantine: null });
	const doc = whole && makeDocument(whole, () => undefined);
	expect(doc && JSON.stringify(readIncident(doc, nameOf))).toBe(readAfter(turns.length));
});

test('a turn that cannot be opened far inside is where it ends, and all before it is shown', async () => {
	const { document, opened } = await open();
	const origin = {
		person: people[0] ?? ('' as PersonId),
		conn: '',
		n: 0,
		client: 77,
		receivedAt: 0,
	};
	const edits = encodeEdits([{ ...origin, kind: 'edit', bytes: looseUpdate() }]);
	await db.sql`update journal set edits = ${edits} where document = ${document} and turn = 7001`;
	const part = await opened();
	expect(part?.quarantine).toMatchObject({ turn: 7_000 });
	const doc = part && makeDocument(part, () => undefined);
	expect(doc && JSON.stringify(readIncident(doc, nameOf))).toBe(readAfter(7_000));
});
