import { simpleDiffString } from 'lib0/diff';
import { milestoneNames, milestones, statusNames } from '../incident/lifecycle.ts';
import type { Incident, NameOf, Task, TimelineItem } from '../incident/reading.ts';
import { roleNames, roles } from '../incident/roles.ts';
import { servicesWords } from '../incident/services.ts';
import { fullTime } from '../time.ts';

/** A text where it changed, with what stands around it. */
export interface TextChange {
	readonly before: string;
	readonly removed: string;
	readonly inserted: string;
	readonly after: string;
}

/** One thing that differs between two instants. */
export interface Change {
	/** What it is of, in a word or two: 'Severity', 'Entry', 'Notes'. */
	readonly of: string;
	/** From what to what, or what came or went. */
	readonly words: string;
	readonly text?: TextChange;
	/** The line of the timeline that it is of. */
	readonly item?: string;
}

/** What changed from one reading of an incident to another, the weightiest first. */
export function changesBetween(from: Incident, to: Incident, nameOf: NameOf): readonly Change[] {
	return [
		...step('Title', from.title, to.title),
		...step('Severity', from.severity ?? 'not set', to.severity ?? 'not set'),
		...step('Services', servicesWords(from.services), servicesWords(to.services)),
		...step('Phase', statusNames[from.status], statusNames[to.status]),
		...roles.flatMap((role) => {
			const name = (incident: Incident): string => {
				const holder = incident.roles[role];
				return holder ? nameOf(holder.person) : 'nobody';
			};
			return step(roleNames[role], name(from), name(to));
		}),
		...milestones.flatMap((milestone) => {
			const time = (incident: Incident): string => {
				const reached = incident.milestones[milestone];
				return reached ? fullTime(reached.at) : 'not set';
			};
			return step(milestoneNames[milestone], time(from), time(to));
		}),
		...textStep('Impact', from.impact, to.impact),
		...textStep('Working theory', from.theory, to.theory),
		...timelineChanges(from.timeline, to.timeline),
		...taskChanges(from.tasks, to.tasks, nameOf),
		...textStep('Notes', from.notes, to.notes),
	];
}

function step(of: string, from: string, to: string): Change[] {
	return from === to ? [] : [{ of, words: `${from} → ${to}` }];
}

const contextLength = 40;

/** A text that changed, as one change; none if it did not. */
export function textStep(of: string, from: string, to: string): Change[] {
	if (from === to) return [];
	const { index, remove, insert } = simpleDiffString(from, to);
	const end = index + remove;
	const text = {
		before: from.slice(Math.max(0, index - contextLength), index),
		removed: from.slice(index, end),
		inserted: insert,
		after: from.slice(end, end + contextLength),
	};
	return [{ of, words: 'changed', text }];
}

function timelineChanges(from: readonly TimelineItem[], to: readonly TimelineItem[]): Change[] {
	const before = new Map(from.map((item) => [item.id as string, item]));
	const after = new Set(to.map(({ id }) => id as string));
	return [
		...to.flatMap((item) => {
			const earlier = before.get(item.id);
			if (earlier) return itemChanges(earlier, item);
			const of = item.source === 'entry' ? 'New entry' : 'New fact';
			return [{ of, words: item.text, item: item.id }];
		}),
		...from
			.filter(({ id }) => !after.has(id))
			.map((item) => ({ of: 'Not there any more', words: item.text, item: item.id })),
	];
}

function itemChanges(from: TimelineItem, to: TimelineItem): Change[] {
	const item = to.id;
	const said = (words: string): Change => ({ of: 'Entry', words: `${words}: ${to.text}`, item });
	return [
		...textStep('Entry', from.text, to.text).map((change) => ({ ...change, item })),
		...(from.occurredAt === to.occurredAt
			? []
			: [said(`moved from ${fullTime(from.occurredAt)} to ${fullTime(to.occurredAt)}`)]),
		...(from.kind === to.kind ? [] : [said(`${from.kind} → ${to.kind}`)]),
		...(from.starred === to.starred ? [] : [said(to.starred ? 'starred' : 'star taken away')]),
		...(from.struck === to.struck ? [] : [said(to.struck ? 'struck' : 'restored')]),
	];
}

function taskChanges(from: readonly Task[], to: readonly Task[], nameOf: NameOf): Change[] {
	const before = new Map(from.map((task) => [task.id, task]));
	const after = new Set(to.map(({ id }) => id));
	return [
		...to.flatMap((task) => {
			const earlier = before.get(task.id);
			return earlier ? oneTask(earlier, task, nameOf) : [{ of: 'New task', words: task.title }];
		}),
		...from
			.filter(({ id }) => !after.has(id))
			.map(({ title }) => ({ of: 'Task deleted', words: title })),
	];
}

function oneTask(from: Task, to: Task, nameOf: NameOf): Change[] {
	const owner = ({ assignee }: Task): string => (assignee === null ? 'nobody' : nameOf(assignee));
	const due = (task: Task): string => (task.due === null ? 'no time' : fullTime(task.due));
	const said = (words: string): Change => ({ of: 'Task', words: `${to.title}: ${words}` });
	return [
		...textStep('Task', from.title, to.title),
		...(from.done === to.done ? [] : [said(to.done ? 'done' : 'open again')]),
		...(from.assignee === to.assignee ? [] : [said(`${owner(from)} → ${owner(to)}`)]),
		...(from.due === to.due ? [] : [said(`check back ${due(from)} → ${due(to)}`)]),
	];
}
