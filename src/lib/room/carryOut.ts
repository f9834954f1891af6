import type { Parsed, PlannedEntry } from '#core/composer/grammar.ts';
import type { Verbs } from './verbs.ts';

/** Does what a line of the composer means. Gives whether it holds now: the server may refuse a command. */
export async function carryOut(parsed: Parsed, verbs: Verbs): Promise<boolean> {
	switch (parsed.kind) {
		case 'entry':
		case 'unknownCommand':
			verbs.log(entryOf(parsed));
			return true;
		case 'task': {
			const { title, assignee, due } = parsed;
			verbs.addTask({ title, assignee: assignee?.person ?? null, due });
			return true;
		}
		case 'command':
			return verbs.command(parsed.command);
		case 'nothing':
		case 'commands':
		case 'unfinished':
			return false;
		default:
			return parsed satisfies never;
	}
}

function entryOf({ entryKind, text, when, starred }: PlannedEntry): Parameters<Verbs['log']>[0] {
	return {
		kind: entryKind,
		text,
		starred,
		...(when ? { occurredAt: when.occurredAt } : {}),
		...(when?.endedAt === undefined ? {} : { endedAt: when.endedAt }),
		...(when?.approximate ? { approximate: true } : {}),
	};
}
