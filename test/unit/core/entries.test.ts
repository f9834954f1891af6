import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { createDocument, entriesOf } from '#core/incident/document.ts';
import { changeEntry, entryText, readEntries, writeEntry } from '#core/incident/entries.ts';
import type { EntryId } from '#core/ids.ts';

const id = '01KAV000000000000000000000' as EntryId;

test('an entry is read as it was written', () => {
	const doc = createDocument('editing');
	const entry = {
		kind: 'finding',
		text: 'pool at 60/60',
		occurredAt: 5,
		endedAt: 9,
		approximate: true,
		actors: 'YP, JN',
		starred: true,
	} as const;
	writeEntry(doc, id, entry);
	expect(readEntries(doc)).toEqual([{ id, ...entry, struck: false }]);
});

test('an entry that is written without what is optional has none of it', () => {
	const doc = createDocument('editing');
	writeEntry(doc, id, { kind: 'note', text: 'x', occurredAt: 5 });
	expect(Object.keys(readEntries(doc)[0] ?? {}).sort()).toEqual(
		['id', 'kind', 'text', 'occurredAt', 'starred', 'struck'].sort(),
	);
});

test('an entry is struck and back-dated by one field each, and an end can be taken back', () => {
	const doc = createDocument('editing');
	writeEntry(doc, id, { kind: 'note', text: 'x', occurredAt: 5, endedAt: 9 });
	changeEntry(doc, id, { struck: true, occurredAt: 3, endedAt: undefined });
	expect(readEntries(doc)).toMatchObject([{ struck: true, occurredAt: 3, text: 'x' }]);
	expect(readEntries(doc)[0]).not.toHaveProperty('endedAt');
});

test('two people who edit the words and the time of one entry both get their way', () => {
	const ada = createDocument('editing');
	writeEntry(ada, id, { kind: 'note', text: 'pool full', occurredAt: 5 });
	const grace = createDocument('editing');
	Y.applyUpdate(grace, Y.encodeStateAsUpdate(ada));
	entryText(ada, id)?.insert(4, ' is');
	changeEntry(grace, id, { occurredAt: 3 });
	Y.applyUpdate(ada, Y.encodeStateAsUpdate(grace));
	expect(readEntries(ada)).toMatchObject([{ text: 'pool is full', occurredAt: 3 }]);
});

test('a change of an entry that is not there makes none', () => {
	const doc = createDocument('editing');
	changeEntry(doc, id, { struck: true });
	expect(entriesOf(doc).size).toBe(0);
	expect(entryText(doc, id)).toBe(null);
});
