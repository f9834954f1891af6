import * as Y from 'yjs';
import type { Block, Span } from '../incident/notes.ts';

/** Writes blocks at the end of rich text, as the editor would; `readBlocks` reads the same again. */
export function writeBlocks(text: Y.XmlFragment, blocks: readonly Block[]): void {
	text.push(blocks.map(nodeOf));
}

function nodeOf(block: Block): Y.XmlElement {
	switch (block.kind) {
		case 'paragraph':
			return element('paragraph', [textOf(block.spans)]);
		case 'heading':
			return element('heading', [textOf(block.spans)], { level: block.level });
		case 'code':
			return element('codeBlock', [textOf([{ text: block.text }])]);
		case 'quote':
			return element('blockquote', block.blocks.map(nodeOf));
		case 'list':
			return element(
				block.isOrdered ? 'orderedList' : 'bulletList',
				block.items.map((item) => element('listItem', item.map(nodeOf))),
			);
		case 'rule':
			return element('horizontalRule', []);
		case 'reference':
			return element('reference', [], { of: block.of });
	}
	return block satisfies never;
}

function element(
	name: string,
	children: readonly (Y.XmlElement | Y.XmlText)[],
	attributes: Readonly<Record<string, string | number>> = {},
): Y.XmlElement {
	const made = new Y.XmlElement<Record<string, string | number>>(name);
	for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
	made.insert(0, [...children]);
	return made as unknown as Y.XmlElement;
}

/** With a text in it, also an empty one: two who begin to type at once would each bring one of their own. */
function textOf(spans: readonly Span[]): Y.XmlText {
	const text = new Y.XmlText();
	let at = 0;
	for (const { text: words, href, ...marks } of spans) {
		const link = href === undefined ? {} : { link: { href } };
		text.insert(at, words, { ...marks, ...link });
		at += words.length;
	}
	return text;
}
