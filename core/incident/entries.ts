import * as Y from 'yjs';
import { isUlid, type EntryId } from '../ids.ts';
import { isInstant } from '../time.ts';
import { entriesOf } from './document.ts';

/** What somebody logs. Instants are epoch milliseconds. */
export interface NewEntry {
	/** One of `entryKinds`, or a word that a source uses. */
	readonly kind: string;
	readonly text: string;
	readonly occurredAt: number;
	readonly endedAt?: number;
	readonly approximate?: boolean;
	/** Who did it, in free text, where that is not who logs it. */
	readonly actors?: string;
	readonly starred?: boolean;
}

/** An entry as it stands in the document. */
export interface Entry {
	readonly id: EntryId;
	readonly kind: string;
	readonly text: string;
	readonly occurredAt: number;
	readonly endedAt?: number;
	readonly approximate?: true;
	readonly actors?: string;
	readonly starred: boolean;
	readonly struck: boolean;
}

/** The kinds that the composer offers; a source may bring others. */
export const entryKinds = {
	note: 'Note',
	action: 'Action',
	finding: 'Finding',
	decision: 'Decision',
	theory: 'Theory',
	ruledOut: 'Ruled out',
	impact: 'Impact',
	comms: 'Communication',
} as const;

/** Adds an entry under a fresh id, whole, in one transaction. */
export function writeEntry(doc: Y.Doc, id: EntryId, entry: NewEntry): void {
	const fields = new Y.Map<unknown>();
	fields.set('kind', entry.kind);
	fields.set('occurredAt', entry.occurredAt);
	if (entry.endedAt !== undefined) fields.set('endedAt', entry.endedAt);
	if (entry.approximate) fields.set('approximate', true);
	if (entry.actors !== undefined) fields.set('actors', entry.actors);
	fields.set('text', new Y.Text(entry.text));
	fields.set('starred', entry.starred ?? false);
	fields.set('struck', false);
	doc.transact(() => entriesOf(doc).set(id, fields));
}

/** Changes fields of an entry that is there; its text is changed through `entryText`. */
export function changeEntry(
	doc: Y.Doc,
	id: EntryId,
	change: Partial<
		Pick<Entry, 'kind' | 'occurredAt' | 'starred' | 'struck'> & { endedAt: number | undefined }
	>,
): void {
	const fields = entriesOf(doc).get(id);
	if (!(fields instanceof Y.Map)) return;
	doc.transact(() => {
		for (const [name, value] of Object.entries(change)) {
			if (value === undefined) fields.delete(name);
			else fields.set(name, value);
		}
	});
}

/** An entry's shared text, or null if there is no such entry. */
export function entryText(doc: Y.Doc, id: EntryId): Y.Text | null {
	const fields = entriesOf(doc).get(id);
	const text = fields instanceof Y.Map ? fields.get('text') : null;
	return text instanceof Y.Text ? text : null;
}

/** The entries of a document, unsorted. Odd ones get defaults or are left out; it never throws. */
export function readEntries(doc: Y.Doc): readonly Entry[] {
	const entries: Entry[] = [];
	for (const [id, fields] of entriesOf(doc)) {
		if (!isUlid(id) || !(fields instanceof Y.Map)) continue;
		const occurredAt = instantOf(fields.get('occurredAt'));
		if (occurredAt === null) continue;
		entries.push(readEntry(id as EntryId, fields, occurredAt));
	}
	return entries;
}

function readEntry(id: EntryId, fields: Y.Map<unknown>, occurredAt: number): Entry {
	const kind = fields.get('kind');
	const endedAt = instantOf(fields.get('endedAt'));
	const actors = fields.get('actors');
	return {
		id,
		kind: typeof kind === 'string' ? kind : 'note',
		text: textOf(fields.get('text')),
		occurredAt,
		...(endedAt === null ? {} : { endedAt }),
		...(fields.get('approximate') === true ? { approximate: true as const } : {}),
		...(typeof actors === 'string' ? { actors } : {}),
		starred: fields.get('starred') === true,
		struck: fields.get('struck') === true,
	};
}

/** A shared text's plain characters; anything else is empty. Rich text is not plain: it would write tags. */
export function textOf(value: unknown): string {
	return value instanceof Y.Text && !(value instanceof Y.XmlText) ? value.toString() : '';
}

/** A number that is an instant, as whole milliseconds, else null. */
export function instantOf(value: unknown): number | null {
	return isInstant(value) ? Math.trunc(value) + 0 : null; // + 0 turns -0 into 0
}
