import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { impactOf } from '#core/incident/document.ts';
import { createLog } from '#server/log.ts';
import { Persister } from '#server/persister/persister.ts';
import type { Database } from '#server/storage/database.ts';
import { appendTurn, appendTurnAfter } from '#server/storage/documents.ts';
import { newTurn } from '#server/sync/journal.ts';
import { testDatabase } from '../../support/database.ts';
import { TestJournal } from '../../support/journal.ts';
import { untried } from '../../support/workbench.ts';

let db: Database;
beforeAll(async () => void (db = await testDatabase()));
afterAll(() => db[Symbol.asyncDispose]());

const closing = [{ type: 'setStatus', status: 'resolved' }, { type: 'close' }] as const;

/** What a room appends that heard of everything but what it means. */
function plainTurn(journal: TestJournal, after: number) {
	return appendTurnAfter(db.sql, journal.document, { ...newTurn([]), after });
}

/** What a room appends that decided something. */
function decidedTurn(journal: TestJournal, isSealed: boolean) {
	return appendTurn(db.sql, journal.document, { ...newTurn([]), isSealed });
}

test('a plain turn is not appended to a closed incident, and is to a reopened one', async () => {
	const journal = await TestJournal.declare(db.sql);
	const { turn } = await decidedTurn(journal, true);
	expect(await plainTurn(journal, turn)).toBeNull();
	const reopened = await decidedTurn(journal, false);
	expect(await plainTurn(journal, reopened.turn)).toMatchObject({ turn: reopened.turn + 1 });
});

test('a turn that says nothing of closing leaves a closed incident closed', async () => {
	const journal = await TestJournal.declare(db.sql);
	await decidedTurn(journal, true);
	const { turn } = await appendTurn(db.sql, journal.document, newTurn([]));
	expect(await plainTurn(journal, turn)).toBeNull();
});

test('of a closing and a plain turn at the same moment the plain one is first, or not there', async () => {
	const journal = await TestJournal.declare(db.sql);
	let last = journal.turn;
	for (let round = 0; round < 40; round++) {
		const [plain, closed] = await Promise.all([
			plainTurn(journal, last),
			decidedTurn(journal, true),
		]);
		expect(plain?.turn ?? 0).toBeLessThan(closed.turn);
		last = (await decidedTurn(journal, false)).turn;
	}
});

test('an incident that somebody closed who knew of no seals is sealed once that is derived', async () => {
	const journal = await TestJournal.declare(db.sql);
	const { turn } = await journal.decides(...closing);
	await using persister = new Persister({
		...{ db, opening: untried(db), log: createLog('silent') },
	});
	await persister.caughtUp(journal.document);
	expect(await plainTurn(journal, turn)).toBeNull();
});

test('what is written while that is derived is not shut out by an older closing', async () => {
	const journal = await TestJournal.declare(db.sql);
	await journal.decides(...closing);
	await journal.decides({ type: 'reopen' });
	const { turn } = await journal.edits((doc) => impactOf(doc).insert(0, 'again'));
	await using persister = new Persister({
		...{ db, opening: untried(db), log: createLog('silent') },
	});
	await persister.caughtUp(journal.document);
	expect(await plainTurn(journal, turn)).toMatchObject({ turn: turn + 1 });
});

test('a retry of a turn is the same turn though the incident was closed since', async () => {
	const journal = await TestJournal.declare(db.sql);
	const nonce = randomUUID();
	const given = { ...newTurn([], nonce), after: journal.turn };
	const { turn } = (await appendTurnAfter(db.sql, journal.document, given)) ?? { turn: 0 };
	await decidedTurn(journal, true);
	expect(await appendTurnAfter(db.sql, journal.document, given)).toBeNull();
	const again = { ...given, after: turn + 1 };
	expect(await appendTurnAfter(db.sql, journal.document, again)).toBeNull();
});
