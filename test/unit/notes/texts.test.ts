import { getSchema } from '@tiptap/core';
import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { createDocument, notesOf } from '../../../core/incident/document.ts';
import { notesExtensions } from '../../../src/lib/room/notesSchema.ts';
import { textInEveryBlock } from '../../../src/lib/room/notesTexts.ts';

const { nodes } = getSchema([...notesExtensions]);
const isTextBlock = (name: string) => nodes[name]?.isTextblock === true;

/** A block as the editor's binding makes it. */
function block(name: string, ...children: Y.XmlElement[]): Y.XmlElement {
	const element = new Y.XmlElement(name);
	element.insert(0, children);
	return element;
}

function watched(): Y.Doc {
	const doc = createDocument('editing');
	textInEveryBlock(notesOf(doc), isTextBlock);
	return doc;
}

test('two who type into a new line at the same moment type into the same text', () => {
	const [ada, grace] = [watched(), watched()];
	notesOf(ada).insert(0, [block('paragraph')]);
	Y.applyUpdate(grace, Y.encodeStateAsUpdate(ada));
	for (const [doc, words] of [
		[ada, 'pool '],
		[grace, 'full '],
	] as const) {
		const paragraph = notesOf(doc).get(0) as Y.XmlElement;
		(paragraph.get(0) as Y.XmlText).insert(0, words);
	}
	Y.applyUpdate(grace, Y.encodeStateAsUpdate(ada));
	const paragraph = notesOf(grace).get(0) as Y.XmlElement;
	expect(paragraph.length).toBe(1);
	expect(['pool full ', 'full pool ']).toContain((paragraph.get(0) as Y.XmlText).toString());
});

test('every block of text has its own, however deep it stands, and nothing else has one', () => {
	const doc = watched();
	notesOf(doc).insert(0, [
		block('heading'),
		block('bulletList', block('listItem', block('paragraph'), block('paragraph'))),
		block('horizontalRule'),
	]);
	expect(notesOf(doc).toString()).toBe(
		'<heading></heading><bulletlist><listitem><paragraph></paragraph><paragraph></paragraph>' +
			'</listitem></bulletlist><horizontalrule></horizontalrule>',
	);
	const lengths = notesOf(doc)
		.toArray()
		.map((type) => (type as Y.XmlElement).length);
	expect(lengths).toEqual([1, 1, 0]);
});

test('what others bring is left as it is', () => {
	const [ada, other] = [watched(), createDocument('follower')];
	notesOf(other).insert(0, [block('paragraph')]);
	Y.applyUpdate(ada, Y.encodeStateAsUpdate(other));
	expect((notesOf(ada).get(0) as Y.XmlElement).length).toBe(0);
});
