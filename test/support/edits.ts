import * as Y from 'yjs';
import { ulidSource, type EntryId, type TaskId } from '#core/ids.ts';
import { entriesOf, impactOf, notesOf, tasksOf, theoryOf } from '#core/incident/document.ts';
import { changeEntry, readEntries, textOf, writeEntry } from '#core/incident/entries.ts';
import { changeTask, orderBetween, readTasks, writeTask } from '#core/incident/tasks.ts';
import { oneOf } from './random.ts';

/** An id that the seed determines, so that what is typed can be typed again. */
function idFrom(random: () => number): string {
	const fill = (bytes: Uint8Array) => bytes.forEach((_, i) => (bytes[i] = random() * 256));
	return ulidSource(() => Date.UTC(2026, 0, 1), fill)();
}

/** The ways of editing: those that leave their label in the document, those that change what is there. */
export const kinds = [
	'impact',
	'theory',
	'notes',
	'notes',
	'bold',
	'paragraph',
	'entry',
	'task',
	'format',
	'format',
	'check',
	'star',
	'erase',
] as const;
export type EditKind = (typeof kinds)[number];

/** What changes something that is there, and leaves no label of its own. */
export const changes: Partial<Record<EditKind, (doc: Y.Doc, random: () => number) => void>> = {
	format: formatSomething,
	check: checkTask,
	star: starEntry,
};

/** Writes a text into some part of the document. */
export function write(
	doc: Y.Doc,
	{ kind, text, random }: { kind: EditKind; text: string; random: () => number },
): void {
	switch (kind) {
		case 'entry':
			writeEntry(doc, idFrom(random) as EntryId, { kind: 'note', text, occurredAt: Date.now() });
			return;
		case 'task':
			writeTask(doc, idFrom(random) as TaskId, {
				title: text,
				order: orderBetween(null, null, random()),
			});
			return;
		case 'notes':
		case 'bold': {
			const attributes = kind === 'bold' ? { bold: {} } : {};
			insertBetween(firstLine(doc), text, { random, attributes });
			return;
		}
		case 'paragraph':
			insertParagraph(doc, text, random);
			return;
		case 'theory':
			insertBetween(theoryOf(doc), text, { random });
			return;
		default:
			insertBetween(impactOf(doc), text, { random });
	}
}

/** Everybody types in the same paragraph. */
function firstLine(doc: Y.Doc): Y.XmlText {
	const paragraph = notesOf(doc).get(0);
	if (!(paragraph instanceof Y.XmlElement)) throw new Error('The notes have no paragraph.');
	const line = paragraph.get(0);
	if (line instanceof Y.XmlText) return line;
	const fresh = new Y.XmlText();
	paragraph.insert(0, [fresh]);
	return fresh;
}

/** A paragraph of its own, after the first. */
function insertParagraph(doc: Y.Doc, text: string, random: () => number): void {
	const paragraph = new Y.XmlElement('paragraph');
	paragraph.insert(0, [new Y.XmlText(text)]);
	const notes = notesOf(doc);
	notes.insert(Math.min(notes.length, 1 + Math.floor(random() * notes.length)), [paragraph]);
}

/** Puts a mark on some letters or takes it away, also where that changes nothing. */
function formatSomething(doc: Y.Doc, random: () => number): void {
	const line = firstLine(doc);
	const start = Math.floor(random() * line.length);
	const length = Math.min(line.length - start, 1 + Math.floor(random() * 20));
	if (length > 0)
		line.format(start, length, { [oneOf(['bold', 'italic'], random)]: oneOf([{}, null], random) });
}

function checkTask(doc: Y.Doc, random: () => number): void {
	const [first, ...rest] = readTasks(doc);
	if (!first) return;
	const { id, done } = oneOf([first, ...rest], random);
	changeTask(doc, id, { done: !done });
}

function starEntry(doc: Y.Doc, random: () => number): void {
	const [first, ...rest] = readEntries(doc);
	if (!first) return;
	const { id, starred } = oneOf([first, ...rest], random);
	changeEntry(doc, id, { starred: !starred });
}

/** Inserts between two labels, so that none is torn. */
function insertBetween(
	text: Y.Text,
	label: string,
	how: { random: () => number; attributes?: object },
): void {
	const plain = plainOf(text);
	const places = [0, ...Array.from(plain.matchAll(/\]/g), ({ index }) => index + 1)] as const;
	const place = oneOf(places as unknown as [number], how.random);
	text.insert(place, label, how.attributes ?? {});
}

/** A text without its marks. */
export function plainOf(text: Y.Text): string {
	const delta = text.toDelta() as { insert: unknown }[];
	return delta.map(({ insert }) => (typeof insert === 'string' ? insert : ' ')).join('');
}

/** Erases a text wherever people write together. */
export function erase(doc: Y.Doc, label: string): void {
	for (const text of textsOf(doc)) {
		const at = plainOf(text).indexOf(label);
		if (at >= 0) text.delete(at, label.length);
	}
}

/** The texts that people write in together. */
export function textsOf(doc: Y.Doc): Y.Text[] {
	const lines = notesOf(doc)
		.toArray()
		.flatMap((node) => (node instanceof Y.XmlElement ? node.toArray() : [node]));
	return [
		impactOf(doc),
		theoryOf(doc),
		...lines.filter((line): line is Y.XmlText => line instanceof Y.XmlText),
	];
}

/** How often each label stands in a document. */
export function labelsIn(doc: Y.Doc): Map<string, number> {
	const texts = [
		...textsOf(doc).map(plainOf),
		...Array.from(entriesOf(doc).values(), (entry) => fieldOf(entry, 'text')),
		...Array.from(tasksOf(doc).values(), (task) => fieldOf(task, 'title')),
	];
	const counts = new Map<string, number>();
	for (const [, label = ''] of texts.join('\n').matchAll(/\[([a-z]+-\d+)\]/g)) {
		counts.set(label, (counts.get(label) ?? 0) + 1);
	}
	return counts;
}

function fieldOf(fields: unknown, name: string): string {
	return fields instanceof Y.Map ? textOf(fields.get(name)) : '';
}
