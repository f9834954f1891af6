import * as Y from 'yjs';
import { findingsOf, impactOf, notesOf, reportOf, tasksOf, theoryOf } from './document.ts';
import { changeEntry, entryText, readEntries, type Entry } from './entries.ts';
import { readFindings } from '../retro/findings.ts';
import { readBlocks, readNotes } from './notes.ts';
import type { RestorablePart } from './parts.ts';
import { readTasks } from './tasks.ts';

/**
 * A forward change that makes these parts read again as they do in `version`, as a Yjs V1 update
 * under a client id that nobody used; null if they read so already. `later` is what came after that
 * version, as one update. Of entries only texts and strikes go back, and those logged since stay.
 * The version's document is changed by this.
 */
export function restoringUpdate(
	version: Y.Doc,
	later: Uint8Array,
	how: { readonly client: number; readonly parts: readonly RestorablePart[] },
): Uint8Array | null {
	const entries = readEntries(version);
	const readPart = (part: RestorablePart) => JSON.stringify(reading(version, part, entries));
	const then = new Map(how.parts.map((part) => [part, readPart(part)]));
	const undo = new Y.UndoManager(scopeOf(version, how.parts), {
		trackedOrigins: new Set([restoring]),
		doc: version,
	});
	Y.applyUpdate(version, later, restoring);
	const changed = how.parts.filter((part) => readPart(part) !== then.get(part));
	if (changed.length === 0) return null;
	const updates: Uint8Array[] = [];
	version.clientID = how.client;
	version.on('update', (update: Uint8Array) => updates.push(update));
	undo.scope = scopeOf(version, changed);
	undo.undo();
	undo.destroy();
	if (changed.includes('entries')) strikeAsThen(version, entries);
	return Y.mergeUpdates(updates);
}

const restoring = Symbol('restoring');

/** A part as people read it; of entries only those that there were then. */
function reading(doc: Y.Doc, part: RestorablePart, entries: readonly Entry[]): unknown {
	switch (part) {
		case 'impact':
			return impactOf(doc).toJSON();
		case 'theory':
			return theoryOf(doc).toJSON();
		case 'notes':
			return readNotes(doc);
		case 'tasks':
			return readTasks(doc);
		case 'report':
			return readBlocks(reportOf(doc));
		case 'findings':
			return readFindings(doc);
		case 'entries': {
			const now = new Map(readEntries(doc).map((entry) => [entry.id, entry]));
			return entries.map(({ id }) => [now.get(id)?.text, now.get(id)?.struck]);
		}
		default:
			return part satisfies never;
	}
}

function strikeAsThen(doc: Y.Doc, entries: readonly Entry[]): void {
	const now = new Map(readEntries(doc).map((entry) => [entry.id, entry.struck]));
	for (const { id, struck } of entries) {
		if (now.get(id) !== struck) changeEntry(doc, id, { struck });
	}
}

function scopeOf(doc: Y.Doc, parts: readonly RestorablePart[]): Scope[] {
	return parts.flatMap((part) => typesOf(doc, part) as readonly Scope[]);
}

type Scope = Y.AbstractType<Y.YEvent<never>>;

function typesOf(doc: Y.Doc, part: RestorablePart): readonly unknown[] {
	switch (part) {
		case 'impact':
			return [impactOf(doc)];
		case 'theory':
			return [theoryOf(doc)];
		case 'notes':
			return [notesOf(doc)];
		case 'tasks':
			return [tasksOf(doc)];
		case 'entries':
			return readEntries(doc).flatMap(({ id }) => entryText(doc, id) ?? []);
		case 'report':
			return [reportOf(doc)];
		case 'findings':
			return [findingsOf(doc)];
		default:
			return part satisfies never;
	}
}
