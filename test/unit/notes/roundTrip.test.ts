import { getSchema, type JSONContent } from '@tiptap/core';
import { prosemirrorJSONToYXmlFragment, yXmlFragmentToProseMirrorRootNode } from '@tiptap/y-tiptap';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { createDocument, notesOf } from '../../../core/incident/document.ts';
import { toMarkdown } from '../../../core/incident/markdown.ts';
import { readNotes } from '../../../core/incident/notes.ts';
import { scanUpdate } from '../../../server/sync/gate/scan.ts';
import { notesExtensions } from '../../../src/lib/room/notesSchema.ts';

const schema = getSchema([...notesExtensions]);

/** A document whose notes the editor's binding wrote. */
function written(...content: JSONContent[]): Y.Doc {
	const doc = createDocument('editing');
	doc.transact(() => {
		prosemirrorJSONToYXmlFragment(schema, { type: 'doc', content }, notesOf(doc));
	});
	return doc;
}

/** The same as somebody else has it, after the server's gate has read it. */
function received(doc: Y.Doc): Y.Doc {
	const update = Y.encodeStateAsUpdate(doc);
	const items = scanUpdate(update).blocks.flatMap((block) => block.items);
	const roots = items.map(({ parent }) => parent).filter((name) => typeof name === 'string');
	expect(new Set(roots)).toEqual(new Set(['notes']));
	const other = createDocument('follower');
	Y.applyUpdate(other, update);
	return other;
}

const read = (...content: JSONContent[]) => readNotes(received(written(...content)));
const markdown = (...content: JSONContent[]) => toMarkdown(read(...content));

const text = (words: string, ...marks: (string | { type: string; attrs: object })[]) => ({
	type: 'text',
	text: words,
	...(marks.length === 0
		? {}
		: { marks: marks.map((mark) => (typeof mark === 'string' ? { type: mark } : mark)) }),
});
const link = (href: string) => ({ type: 'link', attrs: { href } });
const paragraph = (...content: JSONContent[]) => ({ type: 'paragraph', content });
const item = (...content: JSONContent[]) => ({ type: 'listItem', content });
const list = (...content: JSONContent[]) => ({ type: 'bulletList', content });
const steps = (...content: JSONContent[]) => ({ type: 'orderedList', content });

describe('notes that the editor wrote', () => {
	test('read the same wherever they arrive', () => {
		expect(
			read(
				{ type: 'heading', attrs: { level: 3 }, content: [text('Facts')] },
				paragraph(
					text('pool '),
					text('full', 'bold'),
					{ type: 'hardBreak' },
					text('since ', 'italic', 'strike'),
					text('02:05', 'code'),
					text(' see ', 'underline'),
					text('graph', link('https://example.com/a?b=1')),
				),
				{ type: 'codeBlock', content: [text('kubectl get pods\n  -n shop')] },
				{ type: 'horizontalRule' },
			),
		).toEqual([
			{ kind: 'heading', level: 3, spans: [{ text: 'Facts' }] },
			{
				kind: 'paragraph',
				spans: [
					{ text: 'pool ' },
					{ text: 'full', bold: true },
					{ text: '\n' },
					{ text: 'since ', italic: true, strike: true },
					{ text: '02:05', code: true },
					{ text: ' see ', underline: true },
					{ text: 'graph', href: 'https://example.com/a?b=1' },
				],
			},
			{ kind: 'code', text: 'kubectl get pods\n  -n shop' },
			{ kind: 'rule' },
		]);
	});

	test('keep lists in lists, and quotes around them', () => {
		const nested = list(
			item(
				paragraph(text('drain')),
				steps(item(paragraph(text('us-east'))), item(paragraph(text('us-west')))),
			),
			item(paragraph(text('watch'))),
		);
		expect(read({ type: 'blockquote', content: [nested] })).toEqual([
			{
				kind: 'quote',
				blocks: [
					{
						kind: 'list',
						isOrdered: false,
						items: [
							[
								{ kind: 'paragraph', spans: [{ text: 'drain' }] },
								{
									kind: 'list',
									isOrdered: true,
									items: [
										[{ kind: 'paragraph', spans: [{ text: 'us-east' }] }],
										[{ kind: 'paragraph', spans: [{ text: 'us-west' }] }],
									],
								},
							],
							[{ kind: 'paragraph', spans: [{ text: 'watch' }] }],
						],
					},
				],
			},
		]);
	});

	test('are Markdown for whoever takes them elsewhere', () => {
		expect(
			markdown(
				{ type: 'heading', attrs: { level: 2 }, content: [text('Next')] },
				list(
					item(
						paragraph(text('roll back '), text('22-3', 'bold')),
						steps(item(paragraph(text('canary')))),
					),
				),
				paragraph(
					text('see '),
					text('the graph', link('https://example.com/a')),
					text(' and 2 * 3'),
				),
				{ type: 'blockquote', content: [paragraph(text('it is DNS', 'italic'))] },
				{ type: 'codeBlock', content: [text('a `b`')] },
			),
		).toBe(
			[
				'## Next',
				'- roll back **22-3**\n  \n  1. canary',
				'see [the graph](<https://example.com/a>) and 2 \\* 3',
				'> *it is DNS*',
				'```\na `b`\n```',
			].join('\n\n'),
		);
	});

	test('hold no address that is not safe to follow, whoever wrote it', () => {
		const odd = ['javascript:alert(1)', 'data:text/html,x', 'ftp://example.com', ' https', '/x'];
		for (const href of odd) {
			expect(read(paragraph(text('x', link(href))))).toEqual([
				{ kind: 'paragraph', spans: [{ text: 'x' }] },
			]);
			const shown = schema.marks['link']?.spec.toDOM?.(schema.mark('link', { href }), true);
			expect(JSON.stringify(shown)).not.toContain('href');
		}
	});

	test('come back into the editor as they were', () => {
		const content = [
			{ type: 'heading', attrs: { level: 1 }, content: [text('Facts')] },
			steps(item(paragraph(text('a', 'bold', 'italic')), list(item(paragraph(text('b')))))),
			{ type: 'codeBlock', content: [text('c')] },
			paragraph(text('d', link('mailto:ops@example.com'))),
			paragraph(),
		];
		const other = received(written(...content));
		const back = yXmlFragmentToProseMirrorRootNode(notesOf(other), schema);
		expect(back.toJSON()).toEqual(schema.nodeFromJSON({ type: 'doc', content }).toJSON());
	});
});

describe('the editor’s schema', () => {
	test('has no node, mark or attribute that the reading does not know', () => {
		expect(Object.keys(schema.nodes).sort()).toEqual([
			'blockquote',
			'bulletList',
			'codeBlock',
			'doc',
			'hardBreak',
			'heading',
			'horizontalRule',
			'listItem',
			'orderedList',
			'paragraph',
			'text',
		]);
		expect(Object.keys(schema.marks).sort()).toEqual([
			'bold',
			'code',
			'italic',
			'link',
			'strike',
			'underline',
		]);
		const attributes = Object.values({ ...schema.nodes, ...schema.marks }).flatMap((type) =>
			Object.keys(type.spec.attrs ?? {}).map((name) => `${type.name}.${name}`),
		);
		expect(attributes.sort()).toEqual(['heading.level', 'link.href']);
	});
});
