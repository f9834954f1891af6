import type { Incident } from '../incident/reading.ts';
import type { Block } from '../incident/notes.ts';
import type { Retro } from './reading.ts';

/** All words of a retrospective as plain text, a line for each part, to be searched. */
export function wordsOfRetro(retro: Retro, incident: Incident): string {
	const key = incident.timeline.filter(({ starred, struck }) => starred && !struck);
	return [
		...retro.report.flatMap(wordsOfBlock),
		...retro.findings.flatMap(({ text, causes }) => [text, ...causes]),
		...key.map(({ text }) => text),
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
