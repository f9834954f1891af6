import { toMarkdown } from '../incident/markdown.ts';
import type { Block } from '../incident/notes.ts';
import { textStep, type Change } from '../review/changes.ts';
import type { Finding } from './findings.ts';
import type { Retro } from './reading.ts';
import { wordsOfBlock } from './words.ts';

type Written = Pick<Retro, 'report' | 'findings'>;

/** What was written between two versions of a retrospective, section by section, then findings. */
export function retroChanges(from: Written, to: Written): readonly Change[] {
	const before = sectionsOf(from.report);
	const after = sectionsOf(to.report);
	const headings = new Set([...after.keys(), ...before.keys()]);
	return [
		...[...headings].flatMap((heading) =>
			textStep(heading, before.get(heading) ?? '', after.get(heading) ?? ''),
		),
		...findingChanges(from.findings, to.findings),
	];
}

/** The text below each heading as Markdown; what stands before the first one has none. */
function sectionsOf(report: readonly Block[]): ReadonlyMap<string, string> {
	const sections = new Map<string, Block[]>();
	let blocks: Block[] = [];
	sections.set('Beginning', blocks);
	for (const block of report) {
		if (block.kind === 'heading') {
			const heading = wordsOfBlock(block).join(' ').trim() || 'Without a heading';
			blocks = sections.get(heading) ?? [];
			sections.set(heading, blocks);
		} else blocks.push(block);
	}
	return new Map(Array.from(sections, ([heading, inside]) => [heading, toMarkdown(inside)]));
}

const kindNames = { factor: 'Contributing factor', lesson: 'Lesson' } as const;

function findingChanges(from: readonly Finding[], to: readonly Finding[]): Change[] {
	const before = new Map(from.map((finding) => [finding.id, finding]));
	const after = new Set(to.map(({ id }) => id));
	return [
		...to.flatMap((finding): Change[] => {
			const of = kindNames[finding.kind];
			const earlier = before.get(finding.id);
			if (!earlier) return [{ of, words: `new: ${finding.text}` }];
			return [
				...textStep(of, earlier.text, finding.text),
				...causeChanges(earlier, finding).map((words) => ({ of, words })),
			];
		}),
		...from
			.filter(({ id }) => !after.has(id))
			.map(({ kind, text }) => ({ of: kindNames[kind], words: `taken away: ${text}` })),
	];
}

function causeChanges(from: Finding, to: Finding): string[] {
	const added = to.causes.filter((cause) => !from.causes.includes(cause));
	const dropped = from.causes.filter((cause) => !to.causes.includes(cause));
	return [
		...added.map((cause) => `“${cause}” is named as its cause`),
		...dropped.map((cause) => `“${cause}” is not named as its cause any more`),
	];
}
