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
	| { readonly kind: 'rule' }
	/** In a retrospective: here stands what is kept elsewhere. */
	| { readonly kind: 'reference'; readonly of: Referenced };

/** What a retrospective shows by reference, so that a correction there is one here. */
export const referenced = [
	...(['timeline', 'milestones', 'roles', 'updates', 'tasks'] as const),
	...(['factors', 'lessons', 'actions'] as const),
] as const;
export type Referenced = (typeof referenced)[number];

const deepest = 32;

/** The notes as blocks. Nodes that Muster does not know are read for their text; it never throws. */
export function readNotes(doc: Y.Doc): readonly Block[] {
	return readBlocks(notesOf(doc));
}

/** Rich text as blocks, as `readNotes` reads the notes. */
export function readBlocks(text: Y.XmlFragment): readonly Block[] {
	return blocksOf(text, 0);
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
			return [{ kind: 'paragraph', spans: inlineOf(node, depth) }];
		case 'heading':
			return [
				{
					kind: 'heading',
					level: levelOf(node.getAttribute('level')),
					spans: inlineOf(node, depth),
				},
			];
		case 'codeBlock':
			return [{ kind: 'code', text: plain(inlineOf(node, depth)) }];
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
		case 'reference': {
			const of = referenced.find((name) => name === node.getAttribute('of'));
			return of ? [{ kind: 'reference', of }] : [];
		}
		default:
			return blocksOf(node, depth + 1);
	}
}

function itemOf(item: unknown, depth: number): Block[] {
	return item instanceof Y.XmlElement ? blocksOf(item, depth) : blockOf(item, depth);
}

function levelOf(value: unknown): number {
	const level = typeof value === 'string' ? Number(value) : value;
	return typeof level === 'number' && [1, 2, 3, 4, 5, 6].includes(level) ? level : 2;
}

function inlineOf(element: Y.XmlElement, depth: number): Span[] {
	if (depth > deepest) return [];
	return element.toArray().flatMap((child) => {
		if (child instanceof Y.XmlText) return spansOf(child);
		if (!(child instanceof Y.XmlElement)) return [];
		return child.nodeName === 'hardBreak' ? [{ text: '\n' }] : inlineOf(child, depth + 1);
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

const linkLength = 8_000;

/** Whether an address may be followed: only the web and mail, and no longer than browsers make them. */
export function isSafeLink(href: string): boolean {
	if (href.length > linkLength || !href.isWellFormed()) return false;
	return /^(https?:\/\/|mailto:)/i.test(href.trim());
}

function plain(spans: readonly Span[]): string {
	return spans.map(({ text }) => text).join('');
}
