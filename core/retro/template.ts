import * as z from 'zod/mini';
import { referenced, type Referenced } from '../incident/notes.ts';
import { sentenceUpTo } from '../wire.ts';

/** Text that a section begins with. People are never named in it: they may be renamed or forgotten. */
export const prefills = ['summary', 'impact'] as const;
export type Prefill = (typeof prefills)[number];

/** What a section may begin with, as people choose it. */
export const prefillNames: Readonly<Record<Prefill, string>> = {
	summary: 'A summary of what happened',
	impact: 'The impact from the room',
};

/** A section of a new retrospective: its heading, the question that it answers, and what it begins with. */
export interface TemplateSection {
	readonly heading: string;
	/** Shown until somebody writes something there. */
	readonly question: string;
	readonly prefill?: Prefill | undefined;
	/** What stands in it by reference. */
	readonly references?: readonly Referenced[] | undefined;
}

/** The sections of every new retrospective, unless an admin has changed them. The words “root cause” are absent. */
export const defaultTemplate: readonly TemplateSection[] = [
	{
		heading: 'Summary',
		question: 'What happened, to whom, and for how long? Two or three sentences for a stranger.',
		prefill: 'summary',
	},
	{
		heading: 'Impact',
		question: 'What did customers notice, how many of them, and what did it cost them?',
		prefill: 'impact',
		references: ['updates'],
	},
	{
		heading: 'Timeline',
		question: 'Which moments changed what we knew or did? Star them in the timeline.',
		references: ['timeline'],
	},
	{
		heading: 'How did we know?',
		question: 'What told us first? What could have told us sooner?',
		references: ['milestones'],
	},
	{
		heading: 'What helped',
		question: 'What made it shorter or smaller than it could have been?',
		references: ['roles'],
	},
	{
		heading: 'Contributing factors',
		question: 'What made this the sensible thing to do then? There are always several.',
		references: ['factors'],
	},
	{
		heading: 'Surprises and luck',
		question: 'What did we believe that was not so? Where were we lucky?',
	},
	{
		heading: 'Lessons',
		question: 'What would we tell another team?',
		references: ['lessons'],
	},
	{
		heading: 'Actions',
		question: 'What will we change: to detect, mitigate or prevent it, or in how we work?',
		references: ['tasks', 'actions'],
	},
];

const mostSections = 30;

/** `PUT /api/v1/retro-template` */
export const templateRequest = z.strictObject({
	sections: z
		.array(
			z.strictObject({
				heading: sentenceUpTo(100),
				question: sentenceUpTo(500),
				prefill: z.optional(z.enum(prefills)),
				references: z.optional(z.array(z.enum(referenced)).check(z.maxLength(referenced.length))),
			}),
		)
		.check(
			z.minLength(1, 'A retrospective has at least one section.'),
			z.maxLength(mostSections, `At most ${mostSections} sections.`),
			z.refine((sections) => {
				const headings = sections.map(({ heading }) => heading.toLowerCase());
				return new Set(headings).size === headings.length;
			}, 'Two sections have the same heading.'),
		),
});
export type TemplateRequest = z.infer<typeof templateRequest>;

/** What the sections of a report ask, by their headings in lower case. */
export function questionsOf(template: readonly TemplateSection[]): ReadonlyMap<string, string> {
	return new Map(template.map(({ heading, question }) => [heading.toLowerCase(), question]));
}
