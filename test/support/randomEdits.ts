import * as Y from 'yjs';
import type { EntryId, TaskId } from '#core/ids.ts';
import { entriesOf, impactOf, notesOf, tasksOf, theoryOf } from '#core/incident/document.ts';
import { changeEntry, entryText, readEntries, writeEntry } from '#core/incident/entries.ts';
import { changeTask, readTasks, taskTitle, writeTask } from '#core/incident/tasks.ts';
import { oneOf } from './random.ts';

type Random = () => number;

const marks = ['bold', 'italic', 'strike', 'code'] as const;
/** Nodes of the editor that hold nothing. */
const leaves = ['horizontalRule', 'hardBreak'];
const nodes = ['paragraph', 'heading', 'blockquote', 'bulletList', 'listItem'] as const;
let made = 0;

/** A fresh id that sorts behind those made before. */
function nextId(): string {
	return `01KAV${String(++made).padStart(21, '0')}`;
}

/** Somebody does one thing to an incident's document: texts, notes with formatting, tasks, entries. */
export function editAtRandom(doc: Y.Doc, random: Random): void {
	const edit = oneOf(
		[editText, editNotes, editNotes, editNotes, editTasks, editEntries] as const,
		random,
	);
	doc.transact(() => edit(doc, random));
}

function upTo(length: number, random: Random): number {
	return Math.floor(random() * (length + 1));
}

function word(random: Random): string {
	return `${Math.floor(random() * 1e6).toString(36)} `;
}

function editText(doc: Y.Doc, random: Random): void {
	typeIn(oneOf([impactOf(doc), theoryOf(doc)] as const, random), random);
}

function typeIn(text: Y.Text, random: Random): void {
	const at = upTo(text.length, random);
	if (random() < 0.6) text.insert(at, word(random));
	else text.delete(at, upTo(text.length - at, random));
}

function editNotes(doc: Y.Doc, random: Random): void {
	const parents: (Y.XmlFragment | Y.XmlElement)[] = [notesOf(doc)];
	const texts: Y.XmlText[] = [];
	for (const node of notesOf(doc).createTreeWalker(() => true)) {
		if (node instanceof Y.XmlElement && !leaves.includes(node.nodeName)) parents.push(node);
		else if (node instanceof Y.XmlText) texts.push(node);
	}
	const [first, ...rest] = texts;
	const choice = random();
	if (choice < 0.55 && first) return formatOrType(oneOf([first, ...rest], random), random);
	const parent = oneOf(parents as [Y.XmlFragment], random);
	const at = upTo(parent.length, random);
	if (choice < 0.85 || parent.length === 0) parent.insert(at, [block(random)]);
	else parent.delete(Math.min(at, parent.length - 1), 1);
}

function formatOrType(text: Y.XmlText, random: Random): void {
	if (text.length === 0 || random() < 0.5) return typeIn(text, random);
	const at = upTo(text.length - 1, random);
	const mark = oneOf(marks, random);
	text.format(at, upTo(text.length - at, random), { [mark]: random() < 0.6 ? {} : null });
}

function block(random: Random): Y.XmlElement {
	const name = oneOf(nodes, random);
	const element = new Y.XmlElement(name);
	if (name === 'heading') element.setAttribute('level', 2 as never);
	const text = new Y.XmlText();
	text.insert(0, word(random), random() < 0.3 ? { bold: {} } : {});
	element.insert(0, [text]);
	return element;
}

function editTasks(doc: Y.Doc, random: Random): void {
	const [first, ...rest] = readTasks(doc);
	const choice = random();
	if (!first || choice < 0.3) {
		return writeTask(doc, nextId() as TaskId, { title: word(random), order: 'V' });
	}
	const { id, done } = oneOf([first, ...rest], random);
	const title = taskTitle(doc, id);
	if (choice < 0.5) changeTask(doc, id, { done: !done });
	else if (choice < 0.6) tasksOf(doc).delete(id);
	else if (choice < 0.7) changeTask(doc, id, { due: Math.floor(random() * 1e12) });
	else if (title) typeIn(title, random);
}

function editEntries(doc: Y.Doc, random: Random): void {
	const [first, ...rest] = readEntries(doc);
	if (!first || random() < 0.4) {
		const entry = { kind: 'note', text: word(random), occurredAt: entriesOf(doc).size };
		return writeEntry(doc, nextId() as EntryId, entry);
	}
	const { id, struck } = oneOf([first, ...rest], random);
	const text = entryText(doc, id);
	if (random() < 0.3) changeEntry(doc, id, { struck: !struck });
	else if (text) typeIn(text, random);
}
