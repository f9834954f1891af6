import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { notesOf } from '#core/incident/document.ts';
import { edit, TestGate } from '../../support/gate.ts';

/** Somebody in the notes whose every act is taken back on its own, and a room that takes them all. */
function author() {
	const gate = new TestGate();
	const doc = gate.copy();
	const manager = new Y.UndoManager(notesOf(doc), { captureTimeout: 0 });
	const act = (change: () => void) => {
		gate.takeAll(edit(doc, change));
		expect(notesOf(gate.hot.doc).toJSON()).toBe(notesOf(doc).toJSON());
	};
	return {
		act,
		undo: () => act(() => manager.undo()),
		first: () => notesOf(doc).get(0) as Y.XmlElement,
		notes: notesOf(doc),
	};
}

function block(name: string, ...inside: (Y.XmlElement | Y.XmlText)[]): Y.XmlElement {
	const element = new Y.XmlElement(name);
	element.insert(0, inside);
	return element;
}

test('blocks that are put back with their quote stand in their order, for everybody', () => {
	const { act, undo, first, notes } = author();
	act(() => notes.insert(0, [block('blockquote', block('heading'))]));
	act(() => first().delete(0));
	undo();
	act(() => first().insert(1, [block('paragraph')]));
	act(() => notes.delete(0));
	undo();
	expect(first().toJSON()).toBe(
		'<blockquote><heading></heading><paragraph></paragraph></blockquote>',
	);
	act(() => first().insert(2, [block('codeBlock')]));
	undo();
});

test('a word is put back before the one that it stood before, though what is before it was changed', () => {
	const { act, undo, first, notes } = author();
	const line = () => first().get(0) as Y.XmlText;
	act(() => notes.insert(0, [block('paragraph', new Y.XmlText('drain us-east'))]));
	act(() => line().insert(6, 'slowly '));
	act(() => line().delete(6, 7));
	act(() => notes.delete(0));
	undo();
	act(() => line().insert(3, '-'));
	undo();
	undo();
	expect(first().toJSON()).toBe('<paragraph>drain slowly us-east</paragraph>');
});
