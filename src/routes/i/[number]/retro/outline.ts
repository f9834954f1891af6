import type { Block, Referenced } from '#core/incident/notes.ts';
import type { ReportView } from './reportView.ts';

/** A section of a report: a heading, and whether anything stands below it. */
export interface Section {
	/** Which heading it is, from 0: an editor's headings come in the same order. */
	readonly index: number;
	readonly title: string;
	readonly isFilled: boolean;
}

/**
 * The sections of a report, by its headings of the first two levels. What stands there by reference counts
 * where `hasWords` says that somebody wrote it.
 */
export function sectionsOf(
	report: readonly Block[],
	hasWords: (of: Referenced) => boolean,
): readonly Section[] {
	const sections: Section[] = [];
	let index = -1;
	for (const block of report) {
		if (block.kind === 'heading') index += 1;
		if (block.kind === 'heading' && block.level <= 2) {
			const title = block.spans.map(({ text }) => text).join('');
			sections.push({ index, title, isFilled: false });
		} else if (block.kind === 'reference' ? hasWords(block.of) : !isBlank(block)) {
			const last = sections.pop();
			if (last) sections.push({ ...last, isFilled: true });
		}
	}
	return sections;
}

/** Whether somebody wrote what stands there by reference: lists of what the room knows are nobody's words. */
export function isWritten(
	of: Referenced,
	{ findings, actions }: Pick<ReportView, 'findings' | 'actions'>,
): boolean {
	switch (of) {
		case 'factors':
			return findings.some(({ kind }) => kind === 'factor');
		case 'lessons':
			return findings.some(({ kind }) => kind === 'lesson');
		case 'actions':
			return actions.all.length > 0;
		default:
			return of === 'timeline';
	}
}

function isBlank(block: Block): boolean {
	return block.kind === 'paragraph' && block.spans.every(({ text }) => text.trim() === '');
}
