import * as Y from 'yjs';
import type { EntryId, PersonId, TaskId } from '#core/ids.ts';
import { createDocument, entriesOf, impactOf, notesOf, theoryOf } from '#core/incident/document.ts';
import { writeEntry } from '#core/incident/entries.ts';
import { writeTask } from '#core/incident/tasks.ts';
import { judge } from '#server/sync/gate/judge.ts';
import { scanUpdate } from '#server/sync/gate/scan.ts';
import { HotDocument } from '#server/sync/hot.ts';

const person = '0a000000-0000-4000-8000-000000000001' as PersonId;
const people = 10;
const keystrokes = 20_000;
const entries = 400;
const paragraphs = 200;
const words = 'the connection pool of checkout is exhausted since 02:05 ';

/** What the gate takes for one keystroke, in microseconds: reading the update and deciding about it. */
export interface GateCost {
	readonly p50: number;
	readonly p99: number;
	/** The document's size at the end, in bytes. */
	readonly documentBytes: number;
}

/** Ten people type into the texts of a long incident, letter by letter, take some back, and see each other's. */
export function measureGate(): GateCost {
	const incident = longIncident();
	const hot = new HotDocument(new Map());
	Y.applyUpdate(hot.doc, incident);
	for (const client of hot.doc.store.clients.keys()) hot.clients.set(client, person);
	const times = typing(incident).map((bytes) => {
		const began = performance.now();
		const scan = scanUpdate(bytes);
		const verdict = judge(hot, { person, kind: 'update', readOnly: null, bytes, scan });
		const took = performance.now() - began;
		if (verdict.verdict !== 'apply') throw new Error('The gate did not let a keystroke in.');
		Y.applyUpdate(hot.doc, verdict.bytes);
		for (const client of verdict.clients) hot.clients.set(client, person);
		return took * 1_000;
	});
	// The first half is the machine's warming up.
	const sorted = times.slice(keystrokes / 2).sort((one, other) => one - other);
	const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? NaN;
	return { p50: at(0.5), p99: at(0.99), documentBytes: Y.encodeStateAsUpdate(hot.doc).length };
}

/** What all send, in order, encoded beforehand: the server has one document, not everybody's. */
function typing(incident: Uint8Array): Uint8Array[] {
	const copies = Array.from({ length: people }, () => copyOf(incident));
	const sent: Uint8Array[] = [];
	for (let i = 0; i < keystrokes; i++) {
		const { doc, place } = copies[i % people] ?? copyOf(incident);
		doc.transact(() => sent.slice(-people).forEach((update) => Y.applyUpdate(doc, update)));
		sent.push(keystroke(doc, { place, i }));
	}
	return sent;
}

/** Somebody's copy, and in which text they type. */
function copyOf(incident: Uint8Array): { doc: Y.Doc; place: number } {
	const doc = createDocument('editing');
	Y.applyUpdate(doc, incident);
	return { doc, place: doc.clientID % 4 };
}

function keystroke(doc: Y.Doc, { place, i }: { place: number; i: number }): Uint8Array {
	const text = textAt(doc, place);
	const at = Math.min(text.length, 100 + Math.floor(i / people));
	const before = Y.encodeStateVector(doc);
	let sent: Uint8Array | null = null;
	doc.once('update', (update: Uint8Array) => (sent = update));
	if (i % 11 === 10 && at > 0) text.delete(at - 1, 1);
	else text.insert(at, words[i % words.length] ?? ' ');
	return sent ?? Y.encodeStateAsUpdate(doc, before);
}

function textAt(doc: Y.Doc, place: number): Y.Text {
	if (place === 0) return impactOf(doc);
	if (place === 1) return theoryOf(doc);
	if (place === 2) return lineOf(doc, doc.clientID % paragraphs);
	const [first] = entriesOf(doc).values();
	return (first as Y.Map<Y.Text>).get('text') ?? impactOf(doc);
}

function lineOf(doc: Y.Doc, n: number): Y.XmlText {
	return (notesOf(doc).get(n) as Y.XmlElement).get(0) as Y.XmlText;
}

function idOf(n: number): string {
	return `01KAV${String(n).padStart(21, '0')}`;
}

function longIncident(): Uint8Array {
	const doc = createDocument('editing');
	for (let n = 0; n < entries; n++) {
		const text = words.repeat(1 + (n % 4));
		writeEntry(doc, idOf(n) as EntryId, { kind: 'note', text, occurredAt: n });
		if (n % 10 === 0) writeTask(doc, idOf(n) as TaskId, { title: words, order: `V${n}` });
	}
	for (let n = 0; n < paragraphs; n++) {
		const paragraph = new Y.XmlElement('paragraph');
		const line = new Y.XmlText();
		paragraph.insert(0, [line]);
		notesOf(doc).push([paragraph]);
		line.insert(0, words.repeat(4));
		line.format(n % 40, 20, { bold: {} });
	}
	return Y.encodeStateAsUpdate(doc);
}
