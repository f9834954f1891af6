import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import type { EntryId, TaskId } from '#core/ids.ts';
import { entriesOf, impactOf, notesOf, tasksOf } from '#core/incident/document.ts';
import { entryText, writeEntry } from '#core/incident/entries.ts';
import { taskTitle, writeTask } from '#core/incident/tasks.ts';
import { limits } from '#server/limits.ts';
import { forge } from '../../support/forged.ts';
import { edit, TestGate } from '../../support/gate.ts';
import { ada, grace } from '../../support/record.ts';

const entry = '01KAV000000000000000000001' as EntryId;
const task = '01KAV000000000000000000002' as TaskId;
const other = '01KAV000000000000000000003';
const note = { kind: 'note', text: 'pool is full', occurredAt: 1 };

/** A room with an entry, a task and a paragraph. */
function room(): TestGate {
	const gate = new TestGate();
	gate.takeAll(
		edit(gate.copy(), (doc) => {
			impactOf(doc).insert(0, 'checkout is down');
			writeEntry(doc, entry, note);
			writeTask(doc, task, { title: 'page the database team', order: 'V' });
			lineOf(doc).insert(0, 'drain us-east');
		}),
	);
	return gate;
}

function lineOf(doc: Y.Doc): Y.XmlText {
	return (notesOf(doc).get(0) as Y.XmlElement).get(0) as Y.XmlText;
}

const fieldsOf = (doc: Y.Doc) => entriesOf(doc).get(entry) as Y.Map<unknown>;
const taskOf = (doc: Y.Doc) => tasksOf(doc).get(task) as Y.Map<unknown>;
const link = (attributes: object) => (doc: Y.Doc) => {
	lineOf(doc).format(0, 5, { link: attributes });
};
function node(name: string, attributes: Record<string, unknown> = {}) {
	return (doc: Y.Doc) => {
		const element = new Y.XmlElement(name);
		for (const [key, value] of Object.entries(attributes)) {
			element.setAttribute(key, value as string);
		}
		notesOf(doc).insert(0, [element]);
	};
}

/** An update that deletes every other letter. */
function deleteOthers(
	client: number,
	{ from, count }: { from: number; count: number },
): Uint8Array {
	const encoder = new Y.UpdateEncoderV1();
	for (const value of [0, 1, client, count]) encoder.writeLen(value);
	for (let i = 0; i < count; i++) [from + 2 * i, 1].forEach((value) => encoder.writeLen(value));
	return encoder.toUint8Array();
}

describe('what has no place in an incident’s document', () => {
	test.each<[string, (doc: Y.Doc) => void]>([
		['a value in the place of an entry', (doc) => entriesOf(doc).set(other, 1)],
		['a text in the place of an entry', (doc) => entriesOf(doc).set(other, new Y.Text('x'))],
		['an entry whose key is no id', (doc) => entriesOf(doc).set('x', new Y.Map())],
		['an entry under __proto__', (doc) => entriesOf(doc).set('__proto__', new Y.Map())],
		['a task under constructor', (doc) => tasksOf(doc).set('constructor', new Y.Map())],
		['a field that entries do not have', (doc) => fieldsOf(doc).set('by', ada)],
		['a field called __proto__', (doc) => fieldsOf(doc).set('__proto__', 1)],
		['a kind that is no word', (doc) => fieldsOf(doc).set('kind', 7)],
		['a kind without end', (doc) => fieldsOf(doc).set('kind', 'x'.repeat(65))],
		['an instant that is no number', (doc) => fieldsOf(doc).set('occurredAt', NaN)],
		['an instant without end', (doc) => fieldsOf(doc).set('endedAt', Infinity)],
		['an instant in no year', (doc) => fieldsOf(doc).set('occurredAt', 1e300)],
		['a star that is no flag', (doc) => fieldsOf(doc).set('starred', 'yes')],
		['an object in a field', (doc) => fieldsOf(doc).set('struck', { ['__proto__']: true })],
		['a title that is a value', (doc) => taskOf(doc).set('title', 'page')],
		['a title in rich text', (doc) => taskOf(doc).set('title', new Y.XmlText('page'))],
		['an assignee that is nobody’s id', (doc) => taskOf(doc).set('assignee', 'ada')],
		['an order that does not sort', (doc) => taskOf(doc).set('order', 'é')],
		['a map in a task', (doc) => taskOf(doc).set('due', new Y.Map())],
		['marks in a plain text', (doc) => impactOf(doc).format(0, 3, { bold: {} })],
		['marks in an entry', (doc) => entryText(doc, entry)?.format(0, 3, { bold: {} })],
		['an image in a title', (doc) => taskTitle(doc, task)?.insertEmbed(0, { image: 'x' })],
		['a key of a plain text', (doc) => impactOf(doc).setAttribute('x', 1)],
		['a text right in the notes', (doc) => notesOf(doc).insert(0, [new Y.XmlText('x')])],
		['a node that the editor does not know', node('script')],
		['a node called __proto__', node('__proto__')],
		['an attribute that the editor does not know', node('paragraph', { onclick: 'x' })],
		['a heading of the ninth level', node('heading', { level: 9 })],
		['a heading of no level', node('heading', { level: NaN })],
		['a mark that the editor does not know', (doc) => lineOf(doc).format(0, 5, { blink: {} })],
		['attributes of a mark that has none', (doc) => lineOf(doc).format(0, 5, { bold: { x: 1 } })],
		['an image in the notes', (doc) => lineOf(doc).insertEmbed(0, { image: 'x' })],
		['a link to a script', link({ href: 'javascript:alert(1)' })],
		['a link with more than an address', link({ href: 'https://a.example', onclick: 'x' })],
		['a link with half a character', link({ href: 'https://a.example/\ud800' })],
		['a link without end', link({ href: `https://a.example/${'x'.repeat(9_000)}` })],
	])('%s is refused, and the document stays as it was', (_what, change) => {
		const gate = room();
		const before = Y.encodeStateAsUpdate(gate.hot.doc);
		const bytes = edit(gate.copy(), change);
		expect(() => gate.judge(bytes)).toThrow('something that has no place here');
		expect(Y.encodeStateAsUpdate(gate.hot.doc)).toEqual(before);
	});

	test.each<[string, Y.Item['content']]>([
		['a number', new Y.ContentAny([1])],
		['a shared type', new Y.ContentType(new Y.Map())],
		['a mark', new Y.ContentFormat('bold', {})],
		['an image', new Y.ContentEmbed({})],
	])('%s beside the words of a plain text is refused', (_what, content) => {
		const gate = room();
		const start = impactOf(gate.hot.doc)._start;
		const left = start && Y.createID(start.id.client, start.id.clock + start.length - 1);
		expect(() => gate.judge(forge({ client: 5, left, content }))).toThrow('no place here');
	});

	test('a list in a map’s place and a key in a text’s are refused', () => {
		const content = new Y.ContentAny([1]);
		for (const place of [{ parent: 'entries' }, { parent: 'impact', key: 'x' }]) {
			const bytes = forge({ client: 5, ...place, content });
			expect(() => room().judge(bytes)).toThrow('no place here');
		}
	});

	test('notes nested so deep that a reader would fall over are refused', () => {
		const quote = () => new Y.ContentType(new Y.XmlElement('blockquote'));
		const nested = (depth: number) =>
			forge(
				...Array.from({ length: depth }, (_, clock) => ({
					client: 5,
					clock,
					parent: clock === 0 ? 'notes' : Y.createID(5, clock - 1),
					content: quote(),
				})),
			);
		expect(room().judge(nested(limits.notesDepth)).verdict).toBe('apply');
		expect(() => room().judge(nested(limits.notesDepth + 2))).toThrow('nested too deep');
	});

	test('an entry that comes and goes in one edit is refused', () => {
		const gate = room();
		const bytes = edit(gate.copy(), (doc) => {
			writeEntry(doc, other as EntryId, note);
			entriesOf(doc).delete(other);
		});
		expect(() => gate.judge(bytes)).toThrow(/no place here|struck, never removed/);
	});

	test('an entry that one edit writes twice is refused', () => {
		const map = () => new Y.ContentType(new Y.Map());
		const twice = [5, 6].map((client) => {
			return { client, parent: 'entries', key: other, content: map() };
		});
		expect(() => room().judge(forge(...twice))).toThrow('struck, never removed');
	});
});

describe('what would cost too much', () => {
	test('more values that begin anew under one key than people write are refused', () => {
		const gate = room();
		const parent = fieldsOf(gate.hot.doc)._item?.id;
		const values = (count: number) =>
			forge(
				...Array.from({ length: count }, (_, clock) => {
					return { client: 5, clock, parent, key: 'endedAt', content: new Y.ContentAny([5]) };
				}),
			);
		expect(gate.judge(values(32)).verdict).toBe('apply');
		expect(() => gate.judge(values(33))).toThrow('take too long');
	});

	test('parts that Yjs would search through all of a long text for are refused', () => {
		const gate = new TestGate();
		const doc = gate.copy();
		const bytes = edit(doc, (own) => {
			// Each before the one that was written before it: ten thousand parts.
			for (let i = 0; i < 10_000; i++) impactOf(own).insert(0, 'x');
		});
		gate.takeAll(bytes);
		const right = Y.createID(doc.clientID, 0);
		const forged = Array.from({ length: 150 }, (_, clock) => {
			return { client: 5, clock, right, content: new Y.ContentString('y') };
		});
		expect(() => gate.judge(forge(...forged))).toThrow('take too long');
	});

	test('more than 50,000 new deletions at once are refused, however many are not new', () => {
		const gate = new TestGate();
		const doc = gate.copy();
		const mine = edit(doc, (own) => impactOf(own).insert(0, 'x'.repeat(100_002)));
		gate.takeAll(mine);
		const deletes = (count: number) => deleteOthers(doc.clientID, { from: 0, count });
		expect(() => gate.judge(deletes(50_001))).toThrow('deletes too many parts');
		gate.take(deletes(50_000));
		expect(gate.judge(deletes(50_001)).verdict).toBe('apply');
		expect(gate.judge(deletes(50_000)).verdict).toBe('nothing');
	});
});

describe('what changes nothing', () => {
	test('is never refused: an empty step 2 with 300 clients and 59,700 deletes', () => {
		const gate = new TestGate();
		for (let client = 1; client <= 300; client++) {
			const key = `01KAV${String(client).padStart(21, '0')}`;
			const words = new Y.ContentString('xy'.repeat(199));
			const title = { key: 'title', content: new Y.ContentType(new Y.Text()) };
			const [task, text] = [Y.createID(client, 0), Y.createID(client, 1)];
			const bytes = forge(
				{ client, parent: 'tasks', key, content: new Y.ContentType(new Y.Map()) },
				{ client, clock: 1, parent: task, ...title },
				{ client, clock: 2, parent: text, content: words },
			);
			gate.take(bytes, grace);
			gate.take(deleteOthers(client, { from: 2, count: 199 }), grace);
		}
		const all = Y.encodeStateVector(gate.hot.doc);
		const empty = Y.encodeStateAsUpdate(gate.hot.doc, all);
		const ranges = [...Y.decodeUpdate(empty).ds.clients.values()].flat();
		expect(ranges.length).toBe(59_700);
		expect(gate.judge(empty, { person: ada, kind: 'step2' })).toEqual({ verdict: 'nothing' });
	});

	test('is left out of an edit that brings something too, so that it cannot lie', () => {
		const gate = room();
		const [client = 0] = gate.hot.doc.store.clients.keys();
		const lie = { client, parent: 'status', content: new Y.ContentString('x') };
		const mine = { client: 5, parent: 'theory', content: new Y.ContentString('it is DNS') };
		const verdict = gate.judge(forge(lie, mine));
		expect(verdict).toMatchObject({ verdict: 'apply', bytes: forge(mine), clients: [5] });
	});

	test('V2 is no V1: its bytes are refused', () => {
		const doc = room().copy();
		for (const bytes of [Y.encodeStateAsUpdateV2(doc), Y.encodeStateAsUpdateV2(new Y.Doc())]) {
			expect(() => new TestGate().judge(bytes)).toThrow();
		}
	});
});
