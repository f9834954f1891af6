import { describe, expect, test } from 'vitest';
import { toMarkdown } from '#core/incident/markdown.ts';
import type { Block, Span } from '#core/incident/notes.ts';
import { createDocument, notesOf } from '#core/incident/document.ts';
import { readNotes } from '#core/incident/notes.ts';
import * as Y from 'yjs';

const paragraph = (...spans: Span[]): Block => ({ kind: 'paragraph', spans });
const text = (words: string): Block => paragraph({ text: words });
const markdown = (...blocks: Block[]) => toMarkdown(blocks);

describe('notes as Markdown', () => {
	test.each([
		['a *star* and _line_', 'a \\*star\\* and \\_line\\_'],
		['back\\slash `tick`', 'back\\\\slash \\`tick\\`'],
		[
			'<b>html</b> [link](x) | cell ~~x~~',
			'\\<b\\>html\\</b\\> \\[link\\](x) \\| cell \\~\\~x\\~\\~',
		],
		['AT&amp;T & Co; &#65;', 'AT\\&amp;T & Co; \\&#65;'],
		['# no heading', '\\# no heading'],
		['####### seven', '####### seven'],
		['#hashtag', '#hashtag'],
		['- no list', '\\- no list'],
		['+ no list', '\\+ no list'],
		['-', '\\-'],
		['1. no list', '1\\. no list'],
		['23) no list', '23\\) no list'],
		['1.5 is a number', '1.5 is a number'],
		['---', '\\---'],
		['- - -', '\\- - -'],
		['===', '\\==='],
		['    no code', 'no code'],
		['> no quote', '\\> no quote'],
		['-1 is a number', '-1 is a number'],
	])('keep %j a paragraph with these characters', (words, expected) => {
		expect(markdown(text(words))).toBe(expected);
	});

	test('a line after a hard break is as plain as the first', () => {
		const spans = [{ text: 'a' }, { text: '\n' }, { text: '# b' }];
		expect(markdown(paragraph(...spans))).toBe('a\\\n\\# b');
	});

	test('marks touch the words they mark', () => {
		expect(markdown(paragraph({ text: ' bold ', bold: true }))).toBe('**bold** ');
		expect(markdown(paragraph({ text: 'x', bold: true, italic: true }))).toBe('***x***');
		expect(markdown(paragraph({ text: 'a' }, { text: ' gone', strike: true }))).toBe('a ~~gone~~');
		expect(markdown(paragraph({ text: 'a' }, { text: '  ', bold: true }))).toBe('a  ');
	});

	test.each([
		['x', '`x`'],
		['a`b', '``a`b``'],
		['`', '`` ` ``'],
		[' x ', '`  x  `'],
		['a*b', '`a*b`'],
	])('code %j is fenced so that it reads the same', (code, expected) => {
		expect(markdown(paragraph({ text: 'a ' }, { text: code, code: true }))).toBe(`a ${expected}`);
	});

	test('an address cannot end its link', () => {
		const span = { text: 'here', href: 'https://example.org/a>b c\\d\ne' };
		expect(markdown(paragraph(span))).toBe('[here](<https://example.org/a%3Eb%20c%5Cd%0Ae>)');
	});

	test('a heading is one line and does not end early', () => {
		const spans = [{ text: 'a' }, { text: '\n' }, { text: 'b ##' }];
		expect(markdown({ kind: 'heading', level: 2, spans })).toBe('## a b #\\#');
	});

	test('blocks nest', () => {
		const list = {
			kind: 'list',
			isOrdered: true,
			items: [[text('a'), text('b')], [text('c')]],
		} as const;
		expect(markdown(list)).toBe('1. a\n   \n   b\n2. c');
		expect(markdown({ kind: 'quote', blocks: [text('a'), { ...list, isOrdered: false }] })).toBe(
			'> a\n> \n> - a\n>   \n>   b\n> - c',
		);
		expect(markdown(text('a'), { kind: 'rule' }, text('b'))).toBe('a\n\n---\n\nb');
	});

	test('code keeps its lines and is fenced beyond its own backticks', () => {
		expect(markdown({ kind: 'code', text: 'a\n```\nb' })).toBe('````\na\n```\nb\n````');
	});

	test('a megabyte of backticks is no trouble', () => {
		const ticks = '`a'.repeat(500_000);
		expect(markdown(paragraph({ text: ticks, code: true })).length).toBe(ticks.length + 6);
		expect(markdown({ kind: 'heading', level: 1, spans: [{ text: '#'.repeat(1e6) }] })).toMatch(
			/#$/,
		);
	});
});

describe('notes as blocks', () => {
	const read = (...nodes: (Y.XmlElement | Y.XmlText)[]) => {
		const doc = createDocument('editing');
		notesOf(doc).insert(0, nodes);
		return readNotes(doc);
	};
	const element = (name: string, ...children: (Y.XmlElement | Y.XmlText)[]) => {
		const node = new Y.XmlElement(name);
		node.insert(0, children);
		return node;
	};

	test('nodes that Muster does not know are read for their text', () => {
		const nodes = element('callout', element('paragraph', new Y.XmlText('a')));
		expect(read(nodes)).toEqual([text('a')]);
	});

	test('a line break in a paragraph is one', () => {
		const nodes = element(
			'paragraph',
			new Y.XmlText('a'),
			element('hardBreak'),
			new Y.XmlText('b'),
		);
		expect(read(nodes)).toEqual([paragraph({ text: 'a' }, { text: '\n' }, { text: 'b' })]);
	});

	test.each(['javascript:alert(1)', 'data:text/html,x', ' vbscript:x', 5, { toString: 'x' }])(
		'a link to %j is no link',
		(href) => {
			const line = new Y.XmlText();
			line.insert(0, 'here', { link: { href } });
			expect(read(element('paragraph', line))).toEqual([text('here')]);
		},
	);

	test('a link to the web or a mail address is one', () => {
		for (const href of ['https://example.org', 'HTTP://example.org', 'mailto:ada@example.org']) {
			const line = new Y.XmlText();
			line.insert(0, 'here', { link: { href } });
			expect(read(element('paragraph', line))).toEqual([paragraph({ text: 'here', href })]);
		}
	});
});
