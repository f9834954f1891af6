import { expect, test } from 'vitest';
import * as Y from 'yjs';
import type { EntryId } from '#core/ids.ts';
import { createDocument, impactOf, theoryOf } from '#core/incident/document.ts';
import { changeEntry, entryText, readEntries, writeEntry } from '#core/incident/entries.ts';
import { SharedText } from '../../../src/lib/live/sharedText.ts';
import { roomTexts, TextUndo } from '../../../src/lib/live/textUndo.ts';

const id = '01JDD0000000000000000000AA' as EntryId;

function typist() {
	const doc = createDocument('editing');
	const undo = new TextUndo(roomTexts(doc));
	const into = (text: Y.Text) => new SharedText(text, undo);
	const append = (text: Y.Text, insert: string) => {
		into(text).enter();
		into(text).type({ at: text.length, remove: 0, insert });
	};
	return { doc, undo, append };
}

test('the last text change is taken back, wherever it was', () => {
	const { doc, undo, append } = typist();
	append(impactOf(doc), 'checkout is down');
	append(theoryOf(doc), 'the pool');
	undo.undo();
	expect([impactOf(doc).toString(), theoryOf(doc).toString()]).toEqual(['checkout is down', '']);
	undo.undo();
	expect(impactOf(doc).toString()).toBe('');
	undo.redo();
	expect(impactOf(doc).toString()).toBe('checkout is down');
});

test('what somebody else typed stays when I take mine back', () => {
	const { doc, undo, append } = typist();
	append(impactOf(doc), 'checkout ');
	const grace = createDocument('editing');
	Y.applyUpdate(grace, Y.encodeStateAsUpdate(doc));
	impactOf(grace).insert(9, 'is down');
	Y.applyUpdate(doc, Y.encodeStateAsUpdate(grace));
	undo.undo();
	expect(impactOf(doc).toString()).toBe('is down');
});

test('an entry that I logged, its star and its strike are never undone, only words typed into it', () => {
	const { doc, undo, append } = typist();
	writeEntry(doc, id, { kind: 'note', text: 'checkout', occurredAt: 1 });
	const text = entryText(doc, id);
	if (!text) throw new Error('the entry is not there');
	append(text, ' is down');
	changeEntry(doc, id, { starred: true, struck: true });
	expect(undo.undo()).toBe(true);
	expect(undo.undo()).toBe(false);
	expect(readEntries(doc)).toMatchObject([{ text: 'checkout', starred: true, struck: true }]);
});
