import type { Block, Span } from './notes.ts';

/** Blocks as Markdown (CommonMark with strikethrough). Characters with a meaning are escaped. */
export function toMarkdown(blocks: readonly Block[]): string {
	return blocks.map(blockMarkdown).filter(Boolean).join('\n\n');
}

function blockMarkdown(block: Block): string {
	switch (block.kind) {
		case 'paragraph':
			return escapeStart(inlineMarkdown(block.spans));
		case 'heading':
			return `${'#'.repeat(block.level)} ${oneLine(inlineMarkdown(block.spans))}`;
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
		case 'reference':
			return ''; // what it stands for is not in the text
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
	let length = least;
	for (const [run] of text.matchAll(/`+/g)) length = Math.max(length, run.length + 1);
	return '`'.repeat(length);
}

function inlineMarkdown(spans: readonly Span[]): string {
	return spans.map(spanMarkdown).join('');
}

function spanMarkdown(span: Span): string {
	if (span.text === '\n') return '\\\n';
	let text = span.code ? codeMarkdown(span.text) : escapeInline(span.text);
	if (span.bold) text = wrapped(text, '**');
	if (span.italic) text = wrapped(text, '*');
	if (span.strike) text = wrapped(text, '~~');
	return span.href ? `[${text}](<${span.href.replace(/[<>\\\s]/g, encodeURIComponent)}>)` : text;
}

/** A blank keeps a backtick apart from the fence; one blank at both ends is taken away by readers. */
function codeMarkdown(text: string): string {
	const fence = fenceFor(text, 1);
	const pad = /^`|`$|^ [^]* $/.test(text) ? ' ' : '';
	return `${fence}${pad}${text}${pad}${fence}`;
}

/** Marks must touch the words: blanks at the ends go outside. */
function wrapped(text: string, mark: string): string {
	const inner = text.trim();
	return inner === '' ? text : text.replace(inner, () => mark + inner + mark);
}

/** A heading ends with its line, and at a closing run of signs. */
function oneLine(text: string): string {
	return text.replace(/\\?\n/g, ' ').replace(/#(\s*)$/, '\\#$1');
}

/** Words inside a paragraph or a line, with nothing in them that means something to Markdown. */
export function escapeInline(text: string): string {
	return text.replace(/[\\`*_[\]<>~|]|&(?=#?\w+;)/g, (char) => `\\${char}`);
}

/** A paragraph that looks like a heading, a list, a rule or code stays a paragraph. */
function escapeStart(text: string): string {
	return text
		.replace(/^[ \t]+/gm, '')
		.replace(/^(\d+)(?=[.)](\s|$))/gm, '$1\\')
		.replace(/^(?=(#{1,6}|[-+])(\s|$)|-[- \t]*$|=+[ \t]*$)/gm, '\\');
}
