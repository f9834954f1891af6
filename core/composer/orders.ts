import type { RecordPart } from '../incident/reading.ts';
import {
	isOver,
	severities,
	statuses,
	statusNames,
	whyNot,
	type Severity,
	type Status,
} from '../incident/lifecycle.ts';
import { roleNames, type Role } from '../incident/roles.ts';
import { textLimits } from '../textLimits.ts';
import type { Command } from '../wire.ts';
import { findPerson, roleOf, type Crowd } from './whom.ts';
import type { CommandName } from './commands.ts';

/** What the room stands at, as far as commands depend on it. */
export type RoomState = Pick<RecordPart, 'title' | 'severity' | 'status' | 'roles'>;

/** A command that somebody can type. */
export type RoomCommand = Exclude<Command, { type: 'setMilestone' }>;

/** A command with what it changes in words, or in a sentence what is wrong with it. */
export type Order =
	| { readonly command: RoomCommand; readonly change: Change; readonly isEnd: boolean }
	| { readonly wrong: string };

/** What changes: `Severity`, from `SEV3`, to `SEV1`. */
export interface Change {
	readonly thing: string;
	readonly from: string | null;
	readonly to: string;
}

interface Context extends Crowd {
	readonly room: RoomState;
}

type OrderName = Exclude<
	CommandName,
	'decide' | 'theory' | 'ruleout' | 'impact' | 'action' | 'finding' | 'task'
>;

/** Reads what follows a command that changes the incident's state. */
export function readOrder(name: OrderName, argument: string, context: Context): Order {
	switch (name) {
		case 'sev':
			return severityOrder(argument, context.room);
		case 'phase':
			return phaseOrder(argument, context.room);
		case 'resolve':
			return statusOrder('resolved', context.room);
		case 'close':
			return statusOrder('closed', context.room);
		case 'reopen':
			return reopenOrder(context.room);
		case 'title':
			return titleOrder(argument, context.room);
		case 'link':
			return linkOrder(argument);
		case 'drop':
			return dropOrder(argument, context);
		default:
			return roleOrder(roleOf(name), argument, context);
	}
}

function severityOrder(argument: string, room: RoomState): Order {
	const severity = severityOf(argument);
	if (severity === undefined) return { wrong: 'Which severity? 1 is the worst, 5 the mildest.' };
	if (severity === room.severity) return { wrong: `It is ${severity ?? 'not set'} already.` };
	return {
		command: { type: 'setSeverity', severity, expects: room.severity },
		change: { thing: 'Severity', from: room.severity ?? 'not set', to: severity ?? 'not set' },
		isEnd: false,
	};
}

function severityOf(argument: string): Severity | null | undefined {
	if (/^(none|unset|not set|\?)$/i.test(argument.slice(0, 10))) return null;
	const typed = argument
		.slice(0, 10)
		.toUpperCase()
		.replace(/^SEV ?/, '');
	return severities.find((severity) => severity === `SEV${typed}`);
}

function phaseOrder(argument: string, room: RoomState): Order {
	const typed = argument.slice(0, 20).toLowerCase();
	const names = statuses.map((status) => statusNames[status]).join(', ');
	if (typed === '') return { wrong: `Which phase? ${names}.` };
	const fitting = statuses.filter((status) => status.startsWith(typed));
	const status = fitting.find((one) => one === typed) ?? fitting[0];
	if (status === undefined) return { wrong: `There is no such phase. There are ${names}.` };
	if (fitting.length > 1 && status !== typed) {
		return { wrong: `That may be ${fitting.map((one) => statusNames[one]).join(' or ')}.` };
	}
	return statusOrder(status, room);
}

function statusOrder(status: Status, room: RoomState): Order {
	if (status === room.status) return { wrong: `It is ${statusNames[status]} already.` };
	const reason = whyNot(room.status, status);
	if (reason !== null) return { wrong: reason };
	return {
		command: { type: 'setStatus', status, expects: room.status },
		change: { thing: 'Phase', from: statusNames[room.status], to: statusNames[status] },
		isEnd: isOver(status),
	};
}

function reopenOrder(room: RoomState): Order {
	if (!isOver(room.status)) return { wrong: 'This incident is open already.' };
	return {
		command: { type: 'reopen' },
		change: { thing: 'Phase', from: statusNames[room.status], to: statusNames.investigating },
		isEnd: false,
	};
}

function titleOrder(argument: string, room: RoomState): Order {
	if (argument === '') return { wrong: 'What is the new title?' };
	if (argument.length > textLimits.title) {
		return { wrong: `A title has at most ${textLimits.title} characters.` };
	}
	const title = oneLine(argument);
	if (title === room.title) return { wrong: 'That is the title already.' };
	return {
		command: { type: 'rename', title, expects: room.title },
		change: { thing: 'Title', from: room.title, to: title },
		isEnd: false,
	};
}

function linkOrder(argument: string): Order {
	if (!/^(https?:\/\/|mailto:)\S/i.test(argument.slice(0, 12))) {
		return { wrong: 'A link starts with https://, http:// or mailto:.' };
	}
	if (argument.length > textLimits.url + textLimits.title) {
		return { wrong: 'This address is too long.' };
	}
	const [url = ''] = argument.split(/\s/, 1);
	const name = argument.slice(url.length).trim();
	if (url.length > textLimits.url) return { wrong: 'This address is too long.' };
	if (name.length > textLimits.title) {
		return { wrong: `A link’s title has at most ${textLimits.title} characters.` };
	}
	const title = oneLine(name);
	return {
		command: title === '' ? { type: 'link', url } : { type: 'link', url, title },
		change: { thing: 'Link', from: null, to: title === '' ? url : title },
		isEnd: false,
	};
}

function roleOrder(role: Role | null, argument: string, context: Context): Order {
	if (role === null) return { wrong: 'There is no such role.' };
	const typed = argument.startsWith('@') ? argument.slice(1) : argument;
	if (typed === '') return { wrong: `Who is ${roleNames[role]} now? @name or me.` };
	const who = findPerson(typed, context);
	if (!who.found) return { wrong: who.why };
	const holder = context.room.roles[role];
	if (holder?.person === who.person && !holder.acting) {
		return { wrong: `${who.name} is ${roleNames[role]} already.` };
	}
	const expects = holder?.person ?? null;
	return {
		command: { type: 'assignRole', role, person: who.person, expects },
		change: { thing: roleNames[role], from: nameOfHolder(role, context), to: who.name },
		isEnd: false,
	};
}

function dropOrder(argument: string, context: Context): Order {
	const role = roleOf(argument);
	if (role === null) return { wrong: 'Which role? ic, ops, comms, scribe, …' };
	const holder = context.room.roles[role];
	if (holder === null) return { wrong: `Nobody is ${roleNames[role]}.` };
	return {
		command: { type: 'releaseRole', role, expects: holder.person },
		change: { thing: roleNames[role], from: nameOfHolder(role, context), to: 'nobody' },
		isEnd: false,
	};
}

function nameOfHolder(role: Role, { people, room }: Context): string {
	const holder = room.roles[role];
	if (holder === null) return 'nobody';
	return people.find(({ id }) => id === holder.person)?.name ?? 'somebody';
}

/** Text of a single line: any run of blanks is one. */
export function oneLine(text: string): string {
	return text.trim().replace(/\s+/g, ' ');
}
