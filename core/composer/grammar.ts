import type { PersonId } from '../ids.ts';
import { textLimits } from '../textLimits.ts';
import { commandOf, commandWord, nearestCommand, type CommandName } from './commands.ts';
import { oneLine, readOrder, type Change, type RoomCommand, type RoomState } from './orders.ts';
import { doubtOf, readDuration, readWhen, type When } from './when.ts';
import { findPerson, mentionsOf, type Crowd, type Mention } from './whom.ts';

/** What a line is read against. `now` is in epoch milliseconds. */
export interface Known extends Crowd {
	readonly now: number;
	readonly room: RoomState;
}

/** A line for the timeline. */
export interface PlannedEntry {
	readonly entryKind: string;
	readonly text: string;
	/** Null: it happens now. */
	readonly when: When | null;
	readonly starred: boolean;
	readonly mentions: readonly Mention[];
	/** Why it should be asked about once. */
	readonly doubt: 'future' | 'longAgo' | null;
}

/** A task to be added. `due` is in epoch milliseconds. */
export interface PlannedTask {
	readonly title: string;
	readonly assignee: { readonly person: PersonId; readonly name: string } | null;
	readonly due: number | null;
}

/** What a typed line means. */
export type Parsed =
	| { readonly kind: 'nothing' }
	/** A lone slash: somebody wants to see the commands. */
	| { readonly kind: 'commands' }
	| ({ readonly kind: 'entry' } & PlannedEntry)
	/** A word after a slash that is no command: the line is logged as it stands. */
	| ({
			readonly kind: 'unknownCommand';
			readonly typed: string;
			readonly nearest: CommandName | null;
	  } & PlannedEntry)
	| ({ readonly kind: 'task' } & PlannedTask)
	| {
			readonly kind: 'command';
			readonly command: RoomCommand;
			readonly change: Change;
			/** It ends the incident, which is asked about once. */
			readonly doubt: 'end' | null;
	  }
	/** Not yet right: a sentence says what is missing. */
	| { readonly kind: 'unfinished'; readonly sentence: string };

interface Head {
	when: When | null;
	entryKind: string | null;
	starred: boolean;
	/** Behind a backslash, where nothing has a meaning. */
	isVerbatim: boolean;
}

const signs: Readonly<Record<string, string>> = {
	'!': 'decision',
	'?': 'theory',
	x: 'ruledOut',
	X: 'ruledOut',
};

const entryCommands = {
	decide: 'decision',
	theory: 'theory',
	ruleout: 'ruledOut',
	impact: 'impact',
	action: 'action',
	finding: 'finding',
} as const;

/**
 * What a line of the composer means. It starts with an optional time (`-10m`, `02:41`), then signs
 * (`!` `?` `x` `*`) or a `/command`; a backslash takes the meaning from all that follows it.
 * Pure, never throws, linear in the text.
 */
export function parse(text: string, known: Known): Parsed {
	if (text.trim() === '') return { kind: 'nothing' };
	if (text.trim() === '/') return { kind: 'commands' };
	const { head, rest } = readHead(text, known.now);
	const word = head.isVerbatim || head.entryKind !== null ? null : commandWord(rest);
	if (word === null) return logged(head, rest, known);
	const argument = rest.slice(1 + word.length).trim();
	const name = commandOf(word);
	if (name === null) {
		const entry = logged(head, rest, known);
		if (entry.kind !== 'entry') return entry;
		return { ...entry, kind: 'unknownCommand', typed: word, nearest: nearestCommand(word) };
	}
	if (isEntryCommand(name)) {
		return logged({ ...head, entryKind: entryCommands[name] }, argument, known);
	}
	if (head.when !== null || head.starred) {
		return unfinished(`“/${name}” stands alone, with nothing before it.`);
	}
	if (name === 'task') return parseTask(argument, known);
	const order = readOrder(name, argument, known);
	if ('wrong' in order) return unfinished(order.wrong);
	const { command, change, isEnd } = order;
	return { kind: 'command', command, change, doubt: isEnd ? 'end' : null };
}

/** A task: its title, and at the end in any order `@name` for an owner and `15m` for when it is due. */
export function parseTask(argument: string, known: Crowd & { now: number }): Parsed {
	if (argument.length > 2 * textLimits.title) return tooLong('A task', textLimits.title);
	const whole = { title: ` ${argument.trim()}`, assignee: null, due: null };
	const owned = cutOwner(cutDue(whole, known.now), known);
	if (typeof owned === 'string') return unfinished(owned);
	const task = cutDue(owned, known.now);
	const title = oneLine(task.title);
	if (title === '') return unfinished('What is to be done?');
	if (title.length > textLimits.title) return tooLong('A task', textLimits.title);
	return { kind: 'task', ...task, title };
}

function cutDue(task: PlannedTask, now: number): PlannedTask {
	const duration = task.due === null ? readDuration(task.title) : null;
	if (duration === null) return task;
	return { ...task, title: task.title.slice(0, duration.at).trimEnd(), due: now + duration.ms };
}

/** The task with its owner, or why nobody is meant. A name in the middle of the title is just text. */
function cutOwner(task: PlannedTask, crowd: Crowd): PlannedTask | string {
	const at = task.title.lastIndexOf(' @');
	if (at < 0) return task;
	const typed = task.title.slice(at + 2);
	const who = findPerson(typed, crowd);
	if (!who.found) return /\s/.test(typed) ? task : who.why;
	const assignee = { person: who.person, name: who.name };
	return { ...task, title: task.title.slice(0, at), assignee };
}

/** The text with a backslash in front, so that it is read as nothing but itself. */
export function escaped(text: string): string {
	return `\\${text}`;
}

function readHead(text: string, now: number): { head: Head; rest: string } {
	const head: Head = { when: null, entryKind: null, starred: false, isVerbatim: false };
	const time = readWhen(text, now);
	head.when = time?.when ?? null;
	let rest = time ? text.slice(time.length).trimStart() : text;
	for (;;) {
		const sign = rest.charAt(0);
		const isApart = /\s/.test(rest.charAt(1));
		const entryKind = signs[sign];
		if (sign === '\\') head.isVerbatim = true;
		else if (isApart && sign === '*' && !head.starred) head.starred = true;
		else if (isApart && entryKind && head.entryKind === null) head.entryKind = entryKind;
		else return { head, rest };
		rest = rest.slice(1);
		if (head.isVerbatim) return { head, rest };
		rest = rest.trimStart();
	}
}

function logged(head: Head, rest: string, known: Known): Parsed {
	const trimmed = head.isVerbatim ? rest : rest.trim();
	const hasStar = !head.isVerbatim && trimmed.endsWith(' *');
	const text = hasStar ? trimmed.slice(0, -2).trimEnd() : trimmed;
	if (text.trim() === '') return unfinished('Write what there is to log.');
	if (text.length > textLimits.entry) return tooLong('An entry', textLimits.entry);
	return {
		kind: 'entry',
		entryKind: head.entryKind ?? 'note',
		text,
		when: head.when,
		starred: head.starred || hasStar,
		mentions: mentionsOf(text, known),
		doubt: head.when && doubtOf(head.when, known.now),
	};
}

function isEntryCommand(name: CommandName): name is keyof typeof entryCommands {
	return Object.hasOwn(entryCommands, name);
}

function tooLong(what: string, most: number): Parsed {
	return unfinished(`${what} has at most ${most.toLocaleString('en')} characters.`);
}

function unfinished(sentence: string): Parsed {
	return { kind: 'unfinished', sentence };
}
