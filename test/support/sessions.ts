import * as Y from 'yjs';
import type { EntryId, TaskId } from '#core/ids.ts';
import { ulidSource } from '#core/ids.ts';
import { createDocument, impactOf, notesOf } from '#core/incident/document.ts';
import { changeEntry, entryText, readEntries, writeEntry } from '#core/incident/entries.ts';
import { writeTask } from '#core/incident/tasks.ts';

/** One editing session's updates, in order, as a client would send them. */
export interface WrittenSession {
	readonly doc: Y.Doc;
	readonly updates: readonly Uint8Array[];
}

/** Somebody edits an incident at random for a while: texts, entries, tasks, rich notes, deletions. */
export function randomSession(
	random: () => number,
	{ edits = 40, from }: { edits?: number; from?: Uint8Array } = {},
): WrittenSession {
	const doc = createDocument('editing');
	if (from) Y.applyUpdate(doc, from);
	const updates: Uint8Array[] = [];
	doc.on('update', (update: Uint8Array) => updates.push(update));
	const id = ulidSource(
		() => 1_764_000_000_000,
		(bytes) => bytes.forEach((_, i) => (bytes[i] = Math.floor(random() * 256))),
	);
	for (let i = 0; i < edits; i++) randomEdit(doc, random, id);
	return { doc, updates };
}

function randomEdit(doc: Y.Doc, random: () => number, id: () => string): void {
	const pick = Math.floor(random() * 7);
	const words = ['pool ', 'is at 60/60 ', '😀', 'née ', 'x'][Math.floor(random() * 5)] ?? '';
	const impact = impactOf(doc);
	switch (pick) {
		case 0:
			return impact.insert(Math.floor(random() * (impact.length + 1)), words);
		case 1:
			return impact.delete(0, Math.min(impact.length, Math.floor(random() * 4)));
		case 2:
			return writeEntry(doc, id() as EntryId, { kind: 'note', text: words, occurredAt: 1.5e12 });
		case 3:
			return writeTask(doc, id() as TaskId, { title: words, order: 'a' });
		case 4: {
			const [entry] = readEntries(doc);
			if (!entry) return;
			entryText(doc, entry.id)?.insert(0, words);
			return changeEntry(doc, entry.id, { starred: random() < 0.5 });
		}
		default:
			return editNotes(doc, random, words);
	}
}

function editNotes(doc: Y.Doc, random: () => number, words: string): void {
	const notes = notesOf(doc);
	const paragraph = notes.length > 0 ? notes.get(0) : null;
	const text = paragraph instanceof Y.XmlElement ? paragraph.get(0) : null;
	if (text instanceof Y.XmlText) {
		text.insert(0, words);
		if (random() < 0.3) text.format(0, words.length, { bold: {} });
		if (random() < 0.2) text.delete(0, Math.min(text.length, 3));
		return;
	}
	const element = new Y.XmlElement('paragraph');
	element.insert(0, [new Y.XmlText(words)]);
	notes.insert(0, [element]);
}
