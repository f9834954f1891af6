import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { TestGate } from '../../support/gate.ts';
import { NotesEditor } from '../../support/notesEditor.ts';
import { seeded } from '../../support/random.ts';

describe('the gate before the notes’ editor', () => {
	test('lets in everything that the toolbar, the keyboard and a paste write', () => {
		const gate = new TestGate();
		const doc = gate.copy();
		const notes = new NotesEditor(doc);
		const random = seeded(7);
		let updates = 0;
		doc.on('update', (update: Uint8Array) => {
			updates += 1;
			gate.takeAll(update);
		});
		for (let round = 0; round < 6; round++) {
			notes.actInEveryWay(random);
			for (let i = 0; i < 4; i++) notes.undo();
			for (let i = 0; i < 3; i++) notes.redo();
		}
		expect(updates).toBeGreaterThan(150);
	});

	test('lets in what two who edit the same notes write, whoever’s is there first', () => {
		for (let seed = 1; seed <= 12; seed++) {
			const gate = new TestGate();
			const random = seeded(seed);
			const people = [gate.copy(), gate.copy()].map((doc) => ({
				doc,
				notes: new NotesEditor(doc),
			}));
			for (let round = 0; round < 8; round++) {
				for (const { notes } of [...people, ...people]) notes.actAtRandom(random);
				for (const { doc } of people) {
					gate.takeAll(Y.encodeStateAsUpdate(doc, Y.encodeStateVector(gate.hot.doc)));
				}
				const all = Y.encodeStateAsUpdate(gate.hot.doc);
				for (const { doc } of people) Y.applyUpdate(doc, all);
			}
		}
	});
});
