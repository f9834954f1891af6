import * as Y from 'yjs';
import type { DocumentKind } from '../ids.ts';
import './undoing.ts'; // every undo of such a document puts things back side by side

/** The root types of an incident's documents, each with its shared type. Nothing else is ever read or written. */
export const roots = {
	record: 'array',
	entries: 'map',
	tasks: 'map',
	impact: 'text',
	theory: 'text',
	notes: 'xml',
	report: 'xml',
	findings: 'map',
} as const;

export type RootName = keyof typeof roots;

/** Which of them a document has. */
export const rootsOf: Readonly<Record<DocumentKind, readonly RootName[]>> = {
	room: ['record', 'entries', 'tasks', 'impact', 'theory', 'notes'],
	retro: ['record', 'report', 'findings'],
};

/** Whether a root belongs to documents of this kind. */
export function hasRoot(kind: DocumentKind, name: string): boolean {
	return rootsOf[kind].some((root) => root === name);
}

/** Facts that only the server writes, append-only, in commit order. Items are read by `readFacts`, never trusted. */
export function recordOf(doc: Y.Doc): Y.Array<unknown> {
	return doc.getArray('record');
}

/** Entry id → its map of fields. A key is never overwritten or deleted; an entry is struck instead. */
export function entriesOf(doc: Y.Doc): Y.Map<unknown> {
	return doc.getMap('entries');
}

/** Task id → its map of fields. */
export function tasksOf(doc: Y.Doc): Y.Map<unknown> {
	return doc.getMap('tasks');
}

/** What we believe the customers notice. */
export function impactOf(doc: Y.Doc): Y.Text {
	return doc.getText('impact');
}

/** What we believe the cause is. */
export function theoryOf(doc: Y.Doc): Y.Text {
	return doc.getText('theory');
}

/** Rich text that everybody edits. */
export function notesOf(doc: Y.Doc): Y.XmlFragment {
	return doc.getXmlFragment('notes');
}

/** The retrospective's text: its headings are the sections. */
export function reportOf(doc: Y.Doc): Y.XmlFragment {
	return doc.getXmlFragment('report');
}

/** Finding id → its map of fields: contributing factors and lessons. */
export function findingsOf(doc: Y.Doc): Y.Map<unknown> {
	return doc.getMap('findings');
}

/**
 * A document of an incident, of either kind: roots that it has not stay empty. Deleted content is collected: history is the journal, not the document.
 * A *follower* (server, replay, viewer) must never write on its own: Yjs tidies redundant format marks
 * after remote transactions, which nobody journals, so that tidying is switched off for it.
 */
export function createDocument(kind: 'editing' | 'follower'): Y.Doc {
	const doc = new Y.Doc({ gc: true });
	for (const [name, type] of Object.entries(roots)) touch(doc, name, type);
	if (kind === 'follower') doc.on('beforeObserverCalls', withoutTidying);
	return doc;
}

function touch(doc: Y.Doc, name: string, type: (typeof roots)[RootName]): void {
	if (type === 'array') doc.getArray(name);
	else if (type === 'map') doc.getMap(name);
	else if (type === 'text') doc.getText(name);
	else doc.getXmlFragment(name);
}

function withoutTidying(transaction: Y.Transaction): void {
	for (const type of transaction.changed.keys()) {
		if (type instanceof Y.Text)
			(type as unknown as { _hasFormatting: boolean })._hasFormatting = false;
	}
}
