import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DocumentId, FactId } from '#core/ids.ts';
import { impactOf } from '#core/incident/document.ts';
import { restorableParts } from '#core/incident/parts.ts';
import { createLog } from '#server/log.ts';
import { Persister } from '#server/persister/persister.ts';
import { keepCheckpoint, newestCheckpoint } from '#server/storage/checkpoints.ts';
import type { Database } from '#server/storage/database.ts';
import {
	askDerivations,
	askMissed,
	claimAsked,
	claimDerivation,
	settleDerivation,
} from '#server/storage/derivations.ts';
import { readProjected } from '#server/storage/projection.ts';
import { passOver } from '#server/storage/quarantines.ts';
import { testDatabase } from '../../support/database.ts';
import { isDerived, untilDerived } from '../../support/derived.ts';
import { TestJournal } from '../../support/journal.ts';
import { ada } from '../../support/record.ts';
import { until } from '../../support/until.ts';
import { untried } from '../../support/workbench.ts';

let db: Database;
beforeAll(async () => void (db = await testDatabase()));
afterAll(() => db[Symbol.asyncDispose]());

const log = createLog('silent');
const [near, far] = [randomUUID(), randomUUID()];
const lookMs = 20;

async function isAsked(document: DocumentId): Promise<boolean> {
	const rows = await db.sql`
		select from derivations where document = ${document} and asked_at is not null`;
	return rows.length > 0;
}

test('what waits is shared out: two persisters that claim at once get different documents', async () => {
	const documents = Array.from({ length: 40 }, () => randomUUID() as DocumentId);
	await askDerivations(db.sql, documents);
	const claimed = await Promise.all([near, far].map((holder) => claimAsked(db.sql, holder, 20)));
	const all = claimed.flat().map(({ document }) => document);
	expect(claimed.map(({ length }) => length)).toEqual([20, 20]);
	expect(all.sort()).toEqual(documents.sort());
	await db.sql`delete from derivations`;
});

test('a document that another persister derives is left to it, and it is asked to go on', async () => {
	const { document, incident } = await TestJournal.declare(db.sql);
	await claimDerivation(db.sql, document, near);
	await using persister = new Persister({ db, opening: untried(db), log, lookMs });
	await persister.caughtUp(document);
	expect(await isDerived(db.sql, incident)).toBe(false);
	expect(await claimAsked(db.sql, near, 20)).toMatchObject([{ document, isInUse: true }]);
	await settleDerivation(db.sql, document, { holder: near, asks: 1, isLetGo: true });
});

test('a document whose persister is silent is derived by another once its claim is over', async () => {
	const { document, incident } = await TestJournal.declare(db.sql);
	await claimDerivation(db.sql, document, near);
	await using persister = new Persister({ db, opening: untried(db), log, lookMs });
	await persister.start();
	await until('it is asked for', () => isAsked(document));
	expect(await isDerived(db.sql, incident)).toBe(false);
	await db.sql`update derivations set held_until = now() where document = ${document}`;
	await untilDerived(db.sql, incident);
	await until('nobody asks any more', async () => !(await isAsked(document)));
});

test('what is asked for again while it is derived stays asked for', async () => {
	const document = randomUUID() as DocumentId;
	await askDerivations(db.sql, [document]);
	const claim = await claimDerivation(db.sql, document, near);
	await askDerivations(db.sql, [document]);
	const settled = { holder: near, asks: claim.asks };
	await settleDerivation(db.sql, document, { ...settled, isLetGo: false });
	expect(await isAsked(document)).toBe(true);
	await settleDerivation(db.sql, document, { ...settled, isLetGo: true });
	expect(await isAsked(document)).toBe(true);
	expect((await claimDerivation(db.sql, document, far)).isMine).toBe(true);
	await settleDerivation(db.sql, document, { holder: far, asks: 2, isLetGo: true });
	expect(await db.sql`select from derivations where document = ${document}`).toHaveLength(0);
});

test('a persister that lets go leaves nothing behind', async () => {
	const journal = await TestJournal.declare(db.sql);
	await using persister = new Persister({ db, opening: untried(db), log });
	await persister.caughtUp(journal.document);
	persister.unloaded(journal.document);
	await until('it is let go', async () => {
		const rows = await db.sql`select from derivations where document = ${journal.document}`;
		return rows.length === 0;
	});
	await askMissed(db.sql);
	expect(await isAsked(journal.document)).toBe(false);
});

test('turns that are passed over leave the memory of every persister, and no checkpoint brings them back', async () => {
	const journal = await TestJournal.declare(db.sql);
	const { document, incident } = journal;
	await using persister = new Persister({ db, opening: untried(db), log });
	await journal.edits((doc) => impactOf(doc).insert(0, 'poison'));
	await persister.caughtUp(document);
	const checkpoint = { turn: journal.turn, edits: 2, state: Uint8Array.of(0, 0) };
	await db.sql.begin(async (tx) => {
		await passOver(tx, document, { from: 2, to: 2, by: ada, why: 'a test' });
		await journal.records(
			[
				{
					...{ id: 'left-out' as FactId, kind: 'restored', by: ada, recordedAt: 0, occurredAt: 0 },
					...{ turn: 1, at: 0, parts: restorableParts, leftOut: { from: 2, to: 2 } },
				},
			],
			tx as never,
		);
	});
	// As one who was frozen until now would.
	await keepCheckpoint(db.sql, document, { ...checkpoint, passed: 0 });
	expect(await newestCheckpoint(db.sql, document)).toBeNull();
	await persister.caughtUp(document);
	expect(await readProjected(db.sql, [incident])).toMatchObject([{ impact: '' }]);
	expect(await isDerived(db.sql, incident)).toBe(true);
});
