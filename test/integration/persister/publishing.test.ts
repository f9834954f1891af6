import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as Y from 'yjs';
import { retroDocumentOf, type DocumentId, type IncidentId } from '#core/ids.ts';
import { createDocument as newDocument, reportOf } from '#core/incident/document.ts';
import { toMarkdown } from '#core/incident/markdown.ts';
import { writeBlocks } from '#core/retro/writeBlocks.ts';
import { keepPublished, readContent } from '#server/persister/publishing.ts';
import type { Database } from '#server/storage/database.ts';
import { appendTurn, createDocument, databaseClock } from '#server/storage/documents.ts';
import { readVersion } from '#server/storage/retros.ts';
import { newTurn } from '#server/sync/journal.ts';
import { newClientId, originOf, seedEdits } from '#server/sync/turn/facts.ts';
import { testDatabase } from '../../support/database.ts';
import { TestJournal } from '../../support/journal.ts';
import { ada, grace } from '../../support/record.ts';
import { TestRetro } from '../../support/retro.ts';

let db: Database;
beforeAll(async () => void (db = await testDatabase()));
afterAll(() => db[Symbol.asyncDispose]());

const published = 'The text as it was published.';

function paragraph(text: string) {
	return [{ kind: 'paragraph' as const, spans: [{ text }] }];
}

/** The document of a retrospective that was published and revised in one turn, at this instant (microseconds). */
async function publishedAndRevised(incident: IncidentId, at: number): Promise<TestRetro> {
	const retro = new TestRetro();
	retro.now = Math.floor(at / 1_000);
	retro.does(ada, { type: 'setReviewers', people: [grace] }).does(ada, { type: 'submit' });
	retro.does(grace, { type: 'approve' });
	retro.incidentTurn = 1;
	retro.does(ada, { type: 'publish' }).does(ada, { type: 'revise' });
	const edits = seedEdits({
		...{ facts: retro.facts, person: ada, receivedAt: retro.now },
		write: (doc) => writeBlocks(reportOf(doc), paragraph(published)),
	});
	await db.sql.begin((tx) =>
		createDocument(tx, retroDocumentOf(incident), { ...newTurn(edits), at }),
	);
	return retro;
}

/** Somebody writes a further line, in a turn that is as late as the one before. */
async function writes(document: DocumentId, text: string): Promise<void> {
	const doc = newDocument('editing');
	doc.clientID = newClientId();
	writeBlocks(reportOf(doc), paragraph(text));
	const bytes = Y.encodeStateAsUpdate(doc);
	const edit = { ...originOf(ada, 0), kind: 'edit', client: doc.clientID, bytes } as const;
	await appendTurn(db.sql, document, newTurn([edit], randomUUID()));
}

test('[R16] a version that was published and revised at once reads as it was published', async () => {
	const { incident } = await TestJournal.declare(db.sql);
	// In a moment, so that what follows is of the very same millisecond.
	const at = (await databaseClock(db.sql)) + 60_000_000;
	const { state } = await publishedAndRevised(incident, at);
	await writes(retroDocumentOf(incident), 'The next version.');
	expect(state.stage).toBe('draft');
	await keepPublished(db.sql, incident, state.versions);
	const kept = await readVersion(db.sql, incident, 1);
	const { retro } = readContent(kept?.content ?? '');
	expect(kept?.turn).toBe(1);
	expect(retro).toMatchObject({ stage: 'published', versions: [{ version: 1 }] });
	expect(retro.approvals).toMatchObject([{ by: grace }]);
	expect(toMarkdown(retro.report)).toContain(published);
	expect(toMarkdown(retro.report)).not.toContain('The next version.');
});
