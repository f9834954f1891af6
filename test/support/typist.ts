import { randomFillSync } from 'node:crypto';
import * as Y from 'yjs';
import { ulidSource, type EntryId, type TaskId } from '#core/ids.ts';
import { entriesOf, impactOf, notesOf, tasksOf } from '#core/incident/document.ts';
import { textOf, writeEntry } from '#core/incident/entries.ts';
import { orderBetween, writeTask } from '#core/incident/tasks.ts';
import type { SyncPeer } from './client.ts';
import { oneOf } from './random.ts';

const ulid = ulidSource(Date.now, randomFillSync);

const kinds = [
	'impact',
	'impact',
	'notes',
	'notes',
	'notes',
	'bold',
	'entry',
	'task',
	'erase',
] as const;

/** Somebody who types: each edit leaves its label in the document, or erases an earlier one. */
export class Typist {
	readonly name: string;
	readonly peer: SyncPeer;
	/** The labels that were written. */
	readonly written: string[] = [];
	/** What was erased again, and by which edit. */
	readonly erasedBy = new Map<string, string>();
	readonly #random: () => number;
	#made = 0;
	#clock: NodeJS.Timeout | null = null;

	constructor(name: string, peer: SyncPeer, random: () => number) {
		this.name = name;
		this.peer = peer;
		this.#random = random;
	}

	start(editsPerSecond: number): void {
		this.stop();
		this.#clock = setInterval(() => this.type(), 1_000 / editsPerSecond);
	}

	stop(): void {
		if (this.#clock) clearInterval(this.#clock);
		this.#clock = null;
	}

	/** Makes one edit at random, or a certain one; gives its label. */
	type(kind: (typeof kinds)[number] = oneOf(kinds, this.#random)): string {
		const label = `${this.name}-${++this.#made}`;
		const victim = kind === 'erase' ? this.#erasable() : undefined;
		if (victim !== undefined) {
			this.erasedBy.set(victim, label);
			this.peer.edit(label, (doc) => erase(impactOf(doc), `[${victim}]`));
			return label;
		}
		this.written.push(label);
		this.peer.edit(label, (doc) => write(doc, { kind, text: `[${label}]`, random: this.#random }));
		return label;
	}

	#erasable(): string | undefined {
		const text = impactOf(this.peer.doc).toString();
		return this.written.find((label) => !this.erasedBy.has(label) && text.includes(`[${label}]`));
	}
}

function write(
	doc: Y.Doc,
	{ kind, text, random }: { kind: string; text: string; random: () => number },
): void {
	if (kind === 'entry') {
		writeEntry(doc, ulid() as EntryId, { kind: 'note', text, occurredAt: Date.now() });
	} else if (kind === 'task') {
		writeTask(doc, ulid() as TaskId, { title: text, order: orderBetween(null, null, random()) });
	} else if (kind === 'notes' || kind === 'bold') {
		insertBetween(firstLine(doc), text, {
			random,
			attributes: kind === 'bold' ? { bold: {} } : {},
		});
	} else {
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

function plainOf(text: Y.Text): string {
	const delta = text.toDelta() as { insert: unknown }[];
	return delta.map(({ insert }) => (typeof insert === 'string' ? insert : ' ')).join('');
}

function erase(text: Y.Text, label: string): void {
	const at = text.toString().indexOf(label);
	if (at >= 0) text.delete(at, label.length);
}

/** How often each label stands in a document. */
export function labelsIn(doc: Y.Doc): Map<string, number> {
	const texts = [
		impactOf(doc).toString(),
		notesOf(doc).toString(),
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

/**
 * The acknowledged edits that a document does not hold exactly once, as sentences: none is the promise.
 * With `all`, what was never acknowledged must be there too.
 */
export function findLost(doc: Y.Doc, typists: readonly Typist[], all = false): string[] {
	const counts = labelsIn(doc);
	return typists.flatMap(({ peer, written, erasedBy }) => {
		const isSafe = (label: string | undefined) =>
			label !== undefined && (all || peer.acked.has(label));
		return written.flatMap((label) => {
			const count = counts.get(label) ?? 0;
			const eraser = erasedBy.get(label);
			if (count > 1) return [`${label} is there ${count} times`];
			if (isSafe(eraser) && count === 1) return [`${label} is back, though ${eraser} erased it`];
			if (isSafe(label) && eraser === undefined && count === 0) return [`${label} is lost`];
			return [];
		});
	});
}
