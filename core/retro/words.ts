import type { Incident } from '../incident/reading.ts';
import type { Block } from '../incident/notes.ts';
import { keyEntries } from './keyEntries.ts';
import type { Retro } from './reading.ts';

/** All words that a retrospective shows as plain text, a line for each part, to be searched. */
export function wordsOfRetro(retro: Retro, incident: Incident): string {
	// Who decided something is here an id, which nobody looks for.
	const key = keyEntries(incident.timeline).map(({ text, by }) => text.replace(` by ${by}`, ''));
	return [
		...retro.report.flatMap(wordsOfBlock),
		...retro.findings.flatMap(({ text, causes }) => [text, ...causes]),
		...key,
	]
		.filter((line) => line.trim() !== '')
		.join('\n');
}

/** A block's words, a line for each of its parts. */
export function wordsOfBlock(block: Block): string[] {
	switch (block.kind) {
		case 'paragraph':
		case 'heading':
			return [block.spans.map(({ text }) => text).join('')];
		case 'code':
			return [block.text];
		case 'quote':
			return block.blocks.flatMap(wordsOfBlock);
		case 'list':
			return block.items.flat().flatMap(wordsOfBlock);
		case 'rule':
		case 'reference':
			return [];
	}
	return block satisfies never;
}
