import { milestoneNames, statusNames } from '#core/incident/lifecycle.ts';
import type { NameOf, RecordPart } from '#core/incident/reading.ts';
import { roleNames } from '#core/incident/roles.ts';
import { clockTime } from '#core/time.ts';
import type { CommandRequest } from '#core/wire.ts';

/** A command as a screen gives it: instants as ISO 8601, no key. */
export type Wish = WithoutKey<CommandInput>;
type CommandInput = CommandRequest extends infer Request
	? Request extends { type: 'setMilestone' }
		? Omit<Request, 'at' | 'expects'> & { at: string | null; expects?: string | null }
		: Request
	: never;
type WithoutKey<Request> = Request extends unknown ? Omit<Request, 'idempotencyKey'> : never;

/** The same wish for whoever insists: whatever it is by now. */
export function withoutExpects(wish: Wish): Wish {
	const { expects: _seen, ...rest } = wish as Wish & { expects?: unknown };
	return rest;
}

/** What a command does, for a button: `Set SEV1`. */
export function changeWords(wish: Wish, nameOf: NameOf): string {
	switch (wish.type) {
		case 'setSeverity':
			return wish.severity === null ? 'Clear the severity' : `Set ${wish.severity}`;
		case 'setStatus':
			return `Set ${statusNames[wish.status]}`;
		case 'setServices':
			return `Set the services to ${wish.services.join(', ') || 'none'}`;
		case 'rename':
			return 'Rename it anyway';
		case 'assignRole':
			return `Make ${nameOf(wish.person)} ${roleNames[wish.role]}`;
		case 'takeRole':
			return `Take ${roleNames[wish.role]}`;
		case 'releaseRole':
			return `Release ${roleNames[wish.role]}`;
		case 'setMilestone':
			return wish.at === null
				? `Clear “${milestoneNames[wish.milestone]}”`
				: `Set “${milestoneNames[wish.milestone]}” to ${clockTime(Date.parse(wish.at))}`;
		case 'link':
			return 'Add the link';
		case 'close':
			return 'Close';
		case 'reopen':
			return 'Reopen';
		default:
			return wish satisfies never;
	}
}

/** What holds after a command, or null where the screen says it well enough. */
export function doneWords(wish: Wish, nameOf: NameOf): string | null {
	switch (wish.type) {
		case 'setSeverity':
			return wish.severity === null
				? 'The severity is not set now.'
				: `It is ${wish.severity} now.`;
		case 'setStatus':
			return `The phase is ${statusNames[wish.status]} now.`;
		case 'setServices':
			return `Its services are ${wish.services.join(', ') || 'not set'} now.`;
		case 'rename':
			return `It is called “${wish.title}” now.`;
		case 'assignRole':
			return `${nameOf(wish.person)} is ${roleNames[wish.role]} now.`;
		case 'takeRole':
			return `You are ${roleNames[wish.role]} now.`;
		case 'releaseRole':
			return `Nobody is ${roleNames[wish.role]} now.`;
		case 'setMilestone':
			return wish.at === null
				? `“${milestoneNames[wish.milestone]}” is not known now.`
				: `“${milestoneNames[wish.milestone]}” is ${clockTime(Date.parse(wish.at))} UTC now.`;
		case 'link':
		case 'close':
		case 'reopen':
			return null;
		default:
			return wish satisfies never;
	}
}

/** The command that undoes another, or null where there is no simple one. */
export function wayBack(wish: Wish, before: RecordPart): Wish | null {
	switch (wish.type) {
		case 'setSeverity':
			return { type: 'setSeverity', severity: before.severity, expects: wish.severity };
		case 'setServices':
			return { type: 'setServices', services: [...before.services], expects: [...wish.services] };
		case 'rename':
			return { type: 'rename', title: before.title, expects: wish.title };
		case 'setStatus':
			if (wish.status === 'resolved' || wish.status === 'closed') return null;
			return { type: 'setStatus', status: before.status, expects: wish.status };
		case 'assignRole':
		case 'takeRole':
			return roleBack(wish, before);
		case 'releaseRole': {
			const holder = before.roles[wish.role];
			const { role } = wish;
			return holder && { type: 'assignRole', role, person: holder.person, expects: null };
		}
		case 'setMilestone': {
			const reached = before.milestones[wish.milestone];
			if (!reached && wish.milestone === 'declared') return null;
			const at = reached ? new Date(reached.at).toISOString() : null;
			return { type: 'setMilestone', milestone: wish.milestone, at, expects: wish.at };
		}
		default:
			return null;
	}
}

function roleBack(
	wish: Extract<Wish, { type: 'assignRole' | 'takeRole' }>,
	before: RecordPart,
): Wish {
	const { role } = wish;
	const holder = before.roles[role];
	const seen = wish.type === 'assignRole' ? { expects: wish.person } : {};
	return holder
		? { type: 'assignRole', role, person: holder.person, ...seen }
		: { type: 'releaseRole', role, ...seen };
}
