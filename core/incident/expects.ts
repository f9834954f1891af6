import { Refusal } from '../refusal.ts';
import { fullTime, roundedDuration } from '../time.ts';
import type { Command } from '../wire.ts';
import type { Context } from './decide.ts';
import type { LastChange, RecordState } from './fold.ts';
import { milestoneNames, statusNames } from './lifecycle.ts';
import type { NameOf } from './reading.ts';
import { roleNames } from './roles.ts';
import { servicesWords } from './services.ts';

/** What a command would change, as it stands now. */
interface Current {
	readonly value: string | number | readonly string[] | null;
	/** Completes the sentence “Omar set …”. */
	readonly words: string;
	readonly last: LastChange | undefined;
}

type Expecting = Extract<Command, { expects?: unknown }>;

/**
 * Why a command comes too late: somebody changed what its sender saw. Says who, to what, and how
 * long ago. Null if the sender saw what stands now, or does not say.
 */
export function tooLate(
	state: RecordState,
	command: Command,
	context: Pick<Context, 'now' | 'by' | 'nameOf'>,
): Refusal | null {
	if (!('expects' in command) || command.expects === undefined) return null;
	const { value, words, last } = currentOf(state, command, context.nameOf);
	if (isSame(value, command.expects)) return null;
	if (!last) return new Refusal('conflict', 'This is not set any more, or never was.', 'expects');
	const name = last.by === context.by ? 'You' : context.nameOf(last.by);
	const ago = roundedDuration(context.now - last.recordedAt);
	return new Refusal('conflict', `${name} set ${words} ${ago} before you.`, 'expects');
}

/** Lists are the same if they say the same in the same order. */
function isSame(value: Current['value'], expected: unknown): boolean {
	if (!Array.isArray(value) || !Array.isArray(expected)) return value === expected;
	return value.length === expected.length && value.every((one, i) => one === expected[i]);
}

function currentOf(state: RecordState, command: Expecting, nameOf: NameOf): Current {
	const { changed } = state;
	switch (command.type) {
		case 'rename':
			return { value: state.title, words: `the title “${state.title}”`, last: changed['title'] };
		case 'setSeverity':
			return {
				value: state.severity,
				words: state.severity ?? 'the severity to “not set”',
				last: changed['severity'],
			};
		case 'setStatus':
			return {
				value: state.status,
				words: `the phase to ${statusNames[state.status]}`,
				last: changed['status'],
			};
		case 'setServices':
			return {
				value: state.services,
				words: `the services to ${servicesWords(state.services)}`,
				last: changed['services'],
			};
		case 'setMilestone': {
			const reached = state.milestones[command.milestone];
			const time = reached ? fullTime(reached.at) : 'not known';
			return {
				value: reached?.at ?? null,
				words: `“${milestoneNames[command.milestone]}” to ${time}`,
				last: reached ?? changed[`milestone:${command.milestone}`],
			};
		}
		case 'takeRole':
		case 'assignRole':
		case 'releaseRole': {
			const person = state.roles[command.role]?.person ?? null;
			const holder = person === null ? 'nobody' : nameOf(person);
			return {
				value: person,
				words: `${roleNames[command.role]} to ${holder}`,
				last: changed[`role:${command.role}`],
			};
		}
		default:
			return command satisfies never;
	}
}
