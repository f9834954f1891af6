import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { impactOf, notesOf } from '#core/incident/document.ts';
import { forge } from '../../support/forged.ts';
import { edit, TestGate } from '../../support/gate.ts';
import { grace } from '../../support/record.ts';

const x = () => new Y.ContentString('x');

/** A room with a text, letter by letter as it was typed; the letters' ids. */
function typed(letters: string): { gate: TestGate; ids: Y.ID[] } {
	const gate = new TestGate();
	const doc = gate.copy();
	gate.takeAll(
		edit(doc, (own) => [...letters].forEach((letter, i) => impactOf(own).insert(i, letter))),
	);
	return { gate, ids: [...letters].map((_, i) => Y.createID(doc.clientID, i)) };
}

describe('neighbours that never were side by side are refused', () => {
	const never = 'never were side by side';

	test('the right one stands before the left one', () => {
		const { gate, ids } = typed('abc');
		const forged = forge({ client: 5, left: ids[2], right: ids[0], content: x() });
		expect(() => gate.judge(forged)).toThrow(never);
	});

	test('between them stands what the right one was put after', () => {
		const { gate, ids } = typed('abc');
		const forged = forge({ client: 5, left: ids[0], right: ids[2], content: x() });
		expect(() => gate.judge(forged)).toThrow(never);
	});

	test('nothing is at the right, where the left one was put before something', () => {
		const { gate, ids } = typed('ac');
		const doc = gate.copy();
		gate.takeAll(edit(doc, (own) => impactOf(own).insert(1, 'b')));
		const left = Y.createID(doc.clientID, 0);
		expect(() => gate.judge(forge({ client: 5, left, content: x() }))).toThrow(never);
		expect(gate.judge(forge({ client: 5, left: ids[1], content: x() })).verdict).toBe('apply');
	});

	test('nothing is at the left, where the right one was put after something', () => {
		const { gate, ids } = typed('ab');
		const [first, second] = ids;
		expect(() => gate.judge(forge({ client: 5, right: second, content: x() }))).toThrow(never);
		expect(gate.judge(forge({ client: 5, right: first, content: x() })).verdict).toBe('apply');
	});

	test('a value under a key has something at its right', () => {
		const gate = new TestGate();
		const doc = gate.copy();
		const heading = new Y.XmlElement('heading');
		gate.takeAll(
			edit(doc, (own) => {
				notesOf(own).insert(0, [heading]);
				heading.setAttribute('level', 2 as never);
			}),
		);
		const right = heading._map.get('level')?.id ?? null;
		const content = new Y.ContentAny([3]);
		expect(() => gate.judge(forge({ client: 5, right, content }))).toThrow(never);
	});
});

describe('neighbours from different places are refused', () => {
	test('one of them in something that is collected', () => {
		const { gate, ids } = typed('a');
		const doc = gate.copy();
		const paragraph = new Y.XmlElement('paragraph');
		const line = new Y.XmlText('drain');
		gate.takeAll(
			edit(doc, (own) => {
				paragraph.insert(0, [line]);
				notesOf(own).insert(0, [paragraph]);
			}),
		);
		const left = line._start?.id ?? null;
		gate.takeAll(edit(gate.copy(), (own) => notesOf(own).delete(0, 1)));
		const forged = forge({ client: 5, left, right: ids[0], content: x() });
		expect(() => gate.judge(forged)).toThrow('neighbours from different places');
		expect(gate.judge(forge({ client: 5, left, content: x() })).verdict).toBe('apply');
	});
});

describe('neighbours whose order does not show yet', () => {
	test('are taken in two steps, the second once the first is in the document', () => {
		const { gate } = typed('ab');
		const [mine, hers] = [gate.copy(), gate.copy()];
		mine.clientID = 5;
		hers.clientID = 6;
		gate.takeAll(
			edit(hers, (doc) => impactOf(doc).insert(1, 'z')),
			grace,
		);
		edit(mine, (doc) => impactOf(doc).insert(1, 'x'));
		Y.applyUpdate(mine, Y.encodeStateAsUpdate(gate.hot.doc));
		expect(impactOf(mine).toJSON()).toBe('axzb');
		edit(mine, (doc) => impactOf(doc).insert(2, 'y'));
		const bytes = Y.encodeStateAsUpdate(mine, Y.encodeStateVector(gate.hot.doc));
		expect(gate.judge(bytes, { kind: 'step2' })).toMatchObject({
			verdict: 'apply',
			isPartial: true,
		});
		gate.takeAll(bytes);
		expect(impactOf(gate.hot.doc).toJSON()).toBe('axyzb');
	});
});
