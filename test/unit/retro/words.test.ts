import { expect, test } from 'vitest';
import type { EntryId } from '#core/ids.ts';
import { createDocument, recordOf } from '#core/incident/document.ts';
import { writeEntry, type NewEntry } from '#core/incident/entries.ts';
import { readIncident } from '#core/incident/reading.ts';
import { readRetro } from '#core/retro/reading.ts';
import { wordsOfRetro } from '#core/retro/words.ts';
import { ada, TestRecord } from '../../support/record.ts';

test('a retrospective is found by all key entries that it shows, and by nobody’s id', () => {
	const record = new TestRecord().declare();
	const doc = createDocument('follower');
	const entries: readonly (Pick<NewEntry, 'kind' | 'text'> & { starred: boolean })[] = [
		{ kind: 'decision', text: 'roll back to 22-3', starred: false },
		{ kind: 'note', text: 'pool at 60/60', starred: true },
		{ kind: 'note', text: 'lunch is here', starred: false },
	];
	for (const [at, { starred, ...entry }] of entries.entries()) {
		const id = `01KAV00000000000000000000${at}` as EntryId;
		writeEntry(doc, id, { ...entry, occurredAt: record.now, ...(starred && { starred }) });
		record.logs(ada, id);
	}
	record.does(ada, { type: 'setSeverity', severity: 'SEV1' });
	recordOf(doc).push([...record.facts]);
	const words = wordsOfRetro(
		readRetro(createDocument('follower')),
		readIncident(doc, (person) => person),
	);
	expect(words).toContain('roll back to 22-3');
	expect(words).toContain('pool at 60/60');
	expect(words).toContain('→ SEV1');
	expect(words).not.toContain('lunch');
	expect(words).not.toContain(ada);
});
