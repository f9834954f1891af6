import { escapeInline } from '../../incident/markdown.ts';

/** A table of GitHub's Markdown; the words in it are escaped here. Empty without rows. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
	if (rows.length === 0) return '';
	const lines = [head, head.map(() => '---'), ...rows.map((row) => row.map(cell))];
	return lines.map((line) => `| ${line.join(' | ')} |`).join('\n');
}

/** Words on one line, escaped for a table or a list; parsers do not agree on escaped bars in tables, so that none is left. */
export function cell(text: string): string {
	return escapeInline(tidied(text).trim()).replaceAll('\\|', '&#124;').replaceAll('\n', '<br>');
}

/** A text with blanks for its line breaks. */
export function oneLine(text: string): string {
	return tidied(text).replaceAll('\n', ' ');
}

/** One kind of line break, and no other control characters. */
export function tidied(text: string): string {
	return text.replace(/\r\n?|[\v\f\u0085\u2028\u2029]/g, '\n').replace(/(?!\n)\p{Cc}/gu, ' ');
}
