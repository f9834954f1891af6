import { randomFillSync } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import * as Y from 'yjs';
import { ulidSource, type EntryId, type TaskId } from '#core/ids.ts';
import { notesOf } from '#core/incident/document.ts';
import { writeEntry, type NewEntry } from '#core/incident/entries.ts';
import { orderBetween, readTasks, writeTask, type NewTask } from '#core/incident/tasks.ts';
import type { DemoPerson } from './person.ts';

const ulid = ulidSource(Date.now, (bytes) => void randomFillSync(bytes));

/** Logs a line, as the composer does. */
export function log(
	person: DemoPerson,
	entry: Omit<NewEntry, 'occurredAt'>,
	occurredAt = Date.now(),
): void {
	writeEntry(person.doc, ulid() as EntryId, { ...entry, occurredAt });
}

/** Adds a task below the others. */
export function addTask(person: DemoPerson, task: Omit<NewTask, 'order'>): void {
	const last = readTasks(person.doc).at(-1)?.order ?? null;
	const order = orderBetween(last, null, 0);
	writeTask(person.doc, ulid() as TaskId, { ...task, order });
}

/** Writes a line of the notes below the others, whole. */
export function writeLine(
	person: DemoPerson,
	kind: 'heading' | 'paragraph',
	words: string,
): Y.XmlText {
	const line = new Y.XmlElement(kind);
	if (kind === 'heading') line.setAttribute('level', 2 as unknown as string);
	const text = new Y.XmlText(words);
	line.insert(0, [text]);
	person.doc.transact(() => {
		const notes = notesOf(person.doc);
		const first = notes.get(0);
		// The empty paragraph that a document begins with is where the writing begins.
		if (first instanceof Y.XmlElement && first.toString() === '<paragraph></paragraph>')
			notes.delete(0);
		notes.push([line]);
	});
	return text;
}

/** Writes a list of the notes below what is there. */
export function writeList(person: DemoPerson, items: readonly string[]): void {
	const list = new Y.XmlElement('bulletList');
	list.insert(
		0,
		items.map((words) => {
			const item = new Y.XmlElement('listItem');
			const line = new Y.XmlElement('paragraph');
			line.insert(0, [new Y.XmlText(words)]);
			item.insert(0, [line]);
			return item;
		}),
	);
	notesOf(person.doc).push([list]);
}

/** How fast people type. Aborted, they stop in the middle of a word. */
export interface Pace {
	readonly signal: AbortSignal;
	readonly keyMs: number;
}

/** Types at the end of a text, key by key, seen by the others. */
export async function type(
	person: DemoPerson,
	text: Y.Text,
	{ words, place, pace }: { words: string; place: string; pace: Pace },
): Promise<void> {
	person.goTo(place);
	person.typing(place);
	for (const key of words) {
		text.insert(text.length, key);
		if (text instanceof Y.XmlText) person.caretAt(text, text.length);
		await pause(pace.keyMs * (0.5 + Math.random()), null, pace);
	}
	person.typing(null);
	person.goTo(null);
}

/** Takes the end of a text away again, key by key. */
export async function erase(
	person: DemoPerson,
	text: Y.Text,
	{ count, place, pace }: { count: number; place: string; pace: Pace },
): Promise<void> {
	person.goTo(place);
	person.typing(place);
	for (let left = Math.min(count, text.length); left > 0; left--) {
		text.delete(text.length - 1, 1);
		await pause(pace.keyMs / 2, null, pace);
	}
	person.typing(null);
	person.goTo(null);
}
