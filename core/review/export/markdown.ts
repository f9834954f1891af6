import { entryKinds } from '../../incident/entries.ts';
import { milestoneNames, milestones, statusNames } from '../../incident/lifecycle.ts';
import { toMarkdown } from '../../incident/markdown.ts';
import { isSafeLink, type Span } from '../../incident/notes.ts';
import type { Link, Task, TimelineItem } from '../../incident/reading.ts';
import { roleNames, roles } from '../../incident/roles.ts';
import { servicesWords } from '../../incident/services.ts';
import { fullTime } from '../../time.ts';
import { labelOf, whoOf, type Exported } from './exported.ts';
import { cell, oneLine, table, tidied } from './markdownCells.ts';

/**
 * An incident as a document for people: GitHub's Markdown (https://github.github.com/gfm/). What people
 * wrote stays where it stands, whatever it holds.
 */
export function incidentMarkdown(exported: Exported): string {
	const { reading } = exported;
	const sections = [
		toMarkdown([{ kind: 'heading', level: 1, spans: [{ text: titleOf(exported) }] }]),
		summary(exported),
		section('Impact', quoted(plainText(reading.impact))),
		section('Working theory', quoted(plainText(reading.theory))),
		section('Milestones', milestoneTable(exported)),
		section('Roles', roleTable(exported)),
		section('Timeline', timelineTable(exported)),
		section('Tasks', reading.tasks.map((task) => taskLine(task, exported)).join('\n')),
		section('Links', reading.links.map((link) => linkLine(link, exported)).join('\n')),
		section('Notes', quoted(reading.notes)),
	];
	return `${sections.filter(Boolean).join('\n\n')}\n`;
}

function titleOf(exported: Exported): string {
	return `${labelOf(exported)} ${exported.reading.title}`;
}

function section(title: string, body: string): string {
	return body === '' ? '' : `## ${title}\n\n${body}`;
}

function summary({ reading, nameOf, url, at }: Exported): string {
	const { severity, status, kind, services, declaredBy } = reading;
	const lines = [
		['Severity', severity ?? 'not set'],
		['Status', statusNames[status]],
		...(kind === 'incident' ? [] : [['Kind', kind]]),
		...(services.length === 0 ? [] : [['Services', servicesWords(services)]]),
		...(declaredBy ? [['Declared by', nameOf(declaredBy)]] : []),
		['Room', url],
		['Exported', fullTime(at)],
	];
	return lines.map(([name, value = '']) => `- ${name}: ${cell(value)}`).join('\n');
}

function milestoneTable({ reading, nameOf }: Exported): string {
	const rows = milestones.flatMap((milestone) => {
		const reached = reading.milestones[milestone];
		if (!reached) return [];
		const first = reached.original === undefined ? '' : fullTime(reached.original);
		const set = `${nameOf(reached.by)}, ${fullTime(reached.recordedAt)}`;
		return [[milestoneNames[milestone], fullTime(reached.at), set, first]];
	});
	return table(['Milestone', 'When', 'Recorded', 'First value'], rows);
}

function roleTable({ reading, nameOf }: Exported): string {
	const rows = roles.flatMap((role) => {
		const holder = reading.roles[role];
		if (!holder) return [];
		const name = nameOf(holder.person) + (holder.acting ? ' (acting)' : '');
		return [[roleNames[role], name, fullTime(holder.since)]];
	});
	return table(['Role', 'Who', 'Since'], rows);
}

function timelineTable({ reading, nameOf }: Exported): string {
	const rows = reading.timeline.map((item) => [
		happened(item),
		item.recordedAt === null ? '' : fullTime(item.recordedAt),
		kindOf(item),
		wordsOf(item),
		whoOf(item, nameOf),
	]);
	return table(['Happened', 'Logged', 'Kind', 'What', 'Who'], rows);
}

function happened({ occurredAt, endedAt, approximate, localTime, recordedAs }: TimelineItem) {
	const from = `${approximate ? '~' : ''}${fullTime(occurredAt)}`;
	const to = endedAt === undefined ? '' : ` to ${fullTime(endedAt)}`;
	const said = [localTime && `local ${localTime}`, recordedAs && `recorded as ${recordedAs}`];
	const words = said.filter(Boolean).join(', ');
	return from + to + (words === '' ? '' : ` (${words})`);
}

function kindOf({ kind, source }: TimelineItem): string {
	if (source === 'fact') return 'Record';
	return Object.hasOwn(entryKinds, kind) ? entryKinds[kind as keyof typeof entryKinds] : kind;
}

function wordsOf({ text, starred, struck, late }: TimelineItem): string {
	const marks = [starred && 'starred', struck && 'struck', late && 'late'].filter(Boolean);
	return marks.length === 0 ? text : `${text} [${marks.join(', ')}]`;
}

function taskLine({ title, done, assignee, due }: Task, { nameOf }: Exported): string {
	const about = [assignee && nameOf(assignee), due === null ? null : `due ${fullTime(due)}`];
	const words = about.filter(Boolean).join(', ');
	const rest = words === '' ? '' : ` (${cell(words)})`;
	return `- [${done ? 'x' : ' '}] ${cell(title)}${rest}`;
}

function linkLine({ url, title, by }: Link, { nameOf }: Exported): string {
	const link = isSafeLink(url)
		? toMarkdown([{ kind: 'paragraph', spans: [{ text: oneLine(title), href: url }] }])
		: cell(`${title} ${url}`);
	return `- ${link} (${cell(nameOf(by))})`;
}

/** A text that people typed without marks: an empty line parts paragraphs, others stay lines. */
function plainText(text: string): string {
	const paragraphs = tidied(text)
		.trim()
		.split(/\n{2,}/);
	return toMarkdown(paragraphs.map((words) => ({ kind: 'paragraph', spans: linesOf(words) })));
}

function linesOf(text: string): Span[] {
	return text
		.split('\n')
		.flatMap((line, i) => (i === 0 ? [] : [{ text: '\n' }]).concat({ text: line }));
}

/** Nothing in a quotation leaves it, headings and open fences included. */
function quoted(markdown: string): string {
	if (markdown === '') return '';
	return markdown
		.split(/\r\n?|\n/)
		.map((line) => (line === '' ? '>' : `> ${line}`))
		.join('\n');
}
