import type { Block } from '../incident/notes.ts';
import type { Incident } from '../incident/reading.ts';
import { duration, fullTime } from '../time.ts';
import type { Prefill, TemplateSection } from './template.ts';

/** What a new retrospective says before anybody has written a word: never blank, and nothing guessed. */
export function prefilledReport(
	incident: Incident,
	template: readonly TemplateSection[],
): readonly Block[] {
	return template.flatMap(({ heading, prefill, references = [] }): readonly Block[] => [
		{ kind: 'heading', level: 2, spans: [{ text: heading }] },
		...(prefill ? prefilled[prefill](incident) : [paragraph('')]),
		...references.map((of) => ({ kind: 'reference' as const, of })),
	]);
}

const prefilled: Readonly<Record<Prefill, (incident: Incident) => readonly Block[]>> = {
	summary: (incident) => [
		paragraph(summaryOf(incident)),
		...(incident.theory.trim() === '' ? [] : paragraphs(incident.theory)),
	],
	impact: ({ impact }) => paragraphs(impact),
};

/** “SEV2, from 2026-11-24 02:13:00 UTC to 2026-11-24 03:31:00 UTC (1 h 18 min): checkout is down” */
function summaryOf({ milestones, severity, title }: Incident): string {
	const began = milestones.impactStarted ?? milestones.declared;
	const ended = milestones.impactEnded ?? milestones.resolved;
	const times = [
		...(began ? [`from ${fullTime(began.at)}`] : []),
		...(ended ? [`to ${fullTime(ended.at)}`] : []),
		...(began && ended && ended.at > began.at ? [`(${duration(ended.at - began.at)})`] : []),
	];
	const head = [...(severity ? [severity] : []), ...(times.length > 0 ? [times.join(' ')] : [])];
	return head.length === 0 ? title : `${head.join(', ')}: ${title}`;
}

/** At least one, so that there is somewhere to begin to type. */
function paragraphs(text: string): readonly Block[] {
	const lines = text.split(/\n+/).filter((line) => line.trim() !== '');
	return (lines.length > 0 ? lines : ['']).map(paragraph);
}

function paragraph(text: string): Block {
	return { kind: 'paragraph', spans: text === '' ? [] : [{ text: text.trim() }] };
}
