import * as Y from 'yjs';
import { notesOf } from './document.ts';

/** Text with the marks that the notes know. */
export interface Span {
	readonly text: string;
	readonly bold?: true;
	readonly italic?: true;
	readonly strike?: true;
	readonly code?: true;
	readonly underline?: true;
	/** An address that is safe to follow. */
	readonly href?: string;
}

/** A block of the notes as plain data: what viewers see and Markdown is written from. */
export type Block =
	| { readonly kind: 'paragraph'; readonly spans: readonly Span[] }
	| { readonly kind: 'heading'; readonly level: number; readonly spans: readonly Span[] }
	| { readonly kind: 'code'; readonly text: string }
	| { readonly kind: 'quote'; readonly blocks: readonly Block[] }
	| {
			readonly kind: 'list';
			readonly isOrdered: boolean;
			readonly items: readonly (readonly Block[])[];
	  }
	| { readonly kind: 'rule' };

const deepest = 32;

/** The notes as blocks. Nodes that Muster does not know are read for their text; it never throws. */
export function readNotes(doc: Y.Doc): readonly Block[] {
	return blocksOf(notesOf(doc), 0);
}

function blocksOf(parent: Y.XmlFragment | Y.XmlElement, depth: number): Block[] {
	if (depth > deepest) return [];
	return parent.toArray().flatMap((child) => blockOf(child, depth));
}

function blockOf(node: unknown, depth: number): Block[] {
	if (node instanceof Y.XmlText) return [{ kind: 'paragraph', spans: spansOf(node) }];
	if (!(node instanceof Y.XmlElement)) return [];
	switch (node.nodeName) {
		case 'paragraph':
			return [{ kind: 'paragraph', spans: inlineOf(node) }];
		case 'heading':
			return [
				{ kind: 'heading', level: levelOf(node.getAttribute('level')), spans: inlineOf(node) },
			];
		case 'codeBlock':
			return [{ kind: 'code', text: plain(inlineOf(node)) }];
		case 'blockquote':
			return [{ kind: 'quote', blocks: blocksOf(node, depth + 1) }];
		case 'bulletList':
		case 'orderedList':
			return [
				{
					kind: 'list',
					isOrdered: node.nodeName === 'orderedList',
					items: node.toArray().map((item) => itemOf(item, depth + 1)),
				},
			];
		case 'horizontalRule':
			return [{ kind: 'rule' }];
		default:
			return blocksOf(node, depth + 1);
	}
}

function itemOf(item: unknown, depth: number): Block[] {
	return item instanceof Y.XmlElement ? blocksOf(item, depth) : blockOf(item, depth);
}

function levelOf(value: unknown): number {
	const level = Number(value);
	return Number.isInteger(level) && level >= 1 && level <= 6 ? level : 2;
}

function inlineOf(element: Y.XmlElement): Span[] {
	return element.toArray().flatMap((child) => {
		if (child instanceof Y.XmlText) return spansOf(child);
		if (child instanceof Y.XmlElement && child.nodeName === 'hardBreak') return [{ text: '\n' }];
		return child instanceof Y.XmlElement ? inlineOf(child) : [];
	});
}

interface Delta {
	readonly insert?: unknown;
	readonly attributes?: Readonly<Record<string, unknown>>;
}

function spansOf(text: Y.XmlText): Span[] {
	return (text.toDelta() as Delta[]).flatMap(({ insert, attributes = {} }) => {
		if (typeof insert !== 'string') return [];
		const href = linkOf(attributes['link']);
		return [
			{
				text: insert,
				...(attributes['bold'] ? { bold: true as const } : {}),
				...(attributes['italic'] ? { italic: true as const } : {}),
				...(attributes['strike'] ? { strike: true as const } : {}),
				...(attributes['code'] ? { code: true as const } : {}),
				...(attributes['underline'] ? { underline: true as const } : {}),
				...(href === null ? {} : { href }),
			},
		];
	});
}

function linkOf(mark: unknown): string | null {
	const href = typeof mark === 'object' && mark !== null && 'href' in mark ? mark.href : null;
	return typeof href === 'string' && isSafeLink(href) ? href : null;
}

/** Whether an address may be followed: only the web and mail. */
export function isSafeLink(href: string): boolean {
	return /^(https?:\/\/|mailto:)/i.test(href.trim());
}

function plain(spans: readonly Span[]): string {
	return spans.map(({ text }) => text).join('');
}

/** Blocks as Markdown (CommonMark with strikethrough). Characters with a meaning are escaped. */
export function toMarkdown(blocks: readonly Block[]): string {
	return blocks.map(blockMarkdown).filter(Boolean).join('\n\n');
}

function blockMarkdown(block: Block): string {
	switch (block.kind) {
		case 'paragraph':
			return escapeStart(inlineMarkdown(block.spans));
		case 'heading':
			return `${'#'.repeat(block.level)} ${inlineMarkdown(block.spans)}`;
		case 'code': {
			const fence = fenceFor(block.text, 3);
			return `${fence}\n${block.text}\n${fence}`;
		}
		case 'quote':
			return indented(toMarkdown(block.blocks), '> ', '> ');
		case 'list':
			return block.items
				.map((item, i) => {
					const bullet = block.isOrdered ? `${i + 1}. ` : '- ';
					return indented(toMarkdown(item), bullet, ' '.repeat(bullet.length));
				})
				.join('\n');
		case 'rule':
			return '---';
		default:
			return block satisfies never;
	}
}

function indented(text: string, first: string, rest: string): string {
	return text
		.split('\n')
		.map((line, i) => (i === 0 ? first : rest) + line)
		.join('\n');
}

function fenceFor(text: string, least: number): string {
	const longest = Math.max(0, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
	return '`'.repeat(Math.max(least, longest + 1));
}

function inlineMarkdown(spans: readonly Span[]): string {
	return spans.map(spanMarkdown).join('');
}

function spanMarkdown(span: Span): string {
	if (span.text === '\n') return '\\\n';
	let text = span.code ? codeMarkdown(span.text) : escaped(span.text);
	if (span.bold) text = wrapped(text, '**');
	if (span.italic) text = wrapped(text, '*');
	if (span.strike) text = wrapped(text, '~~');
	return span.href ? `[${text}](<${span.href.replace(/[<>]/g, encodeURIComponent)}>)` : text;
}

function codeMarkdown(text: string): string {
	const fence = fenceFor(text, 1);
	const pad = text.startsWith('`') || text.endsWith('`') ? ' ' : '';
	return `${fence}${pad}${text}${pad}${fence}`;
}

/** Marks must touch the words: blanks at the ends go outside. */
function wrapped(text: string, mark: string): string {
	const inner = text.trim();
	return inner === '' ? text : text.replace(inner, () => mark + inner + mark);
}

function escaped(text: string): string {
	return text.replace(/[\\`*_[\]<>~|]/g, (char) => `\\${char}`);
}

/** A paragraph that looks like a heading, a list, a quote or a rule stays a paragraph. */
function escapeStart(text: string): string {
	return text.replace(
		/^(\s*)(#{1,6}\s|[-+]\s|-{3,}|={3,}|\d+[.)]\s)/gm,
		(_, blank: string, sign: string) =>
			/^\d/.test(sign) ? blank + sign.replace(/([.)])/, '\\$1') : `${blank}\\${sign}`,
	);
}
