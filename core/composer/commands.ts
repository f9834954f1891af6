/** A command of the composer, as its list shows it. */
export interface CommandHelp {
	readonly name: string;
	/** What follows it; empty if nothing does. */
	readonly needs: string;
	readonly does: string;
	/** Other words for the same. */
	readonly also?: readonly string[];
	/** The sign at the start of a line that means the same. */
	readonly sign?: string;
}

/** All commands, those that are learnt first at the top. */
export const commands = [
	{
		name: 'decide',
		needs: 'what was decided',
		does: 'Log a decision',
		also: ['decision'],
		sign: '!',
	},
	{ name: 'theory', needs: 'what it may be', does: 'Log a theory', sign: '?' },
	{
		name: 'ruleout',
		needs: 'what it is not, and why',
		does: 'Rule a theory out',
		also: ['ruledout'],
		sign: 'x',
	},
	{
		name: 'task',
		needs: 'title @name 15m',
		does: 'Add a task, with an owner and a time to check back',
	},
	{ name: 'sev', needs: '1 to 5', does: 'Set the severity', also: ['severity'] },
	{ name: 'phase', needs: 'inv, ide, mon, …', does: 'Set the phase', also: ['status'] },
	{ name: 'ic', needs: '@name or me', does: 'Give command', also: ['commander'] },
	{ name: 'ops', needs: '@name or me', does: 'Give Ops lead' },
	{ name: 'comms', needs: '@name or me', does: 'Give Comms' },
	{ name: 'scribe', needs: '@name or me', does: 'Give Scribe' },
	{ name: 'drop', needs: 'ic, ops, comms, …', does: 'Leave a role empty' },
	{ name: 'impact', needs: 'what customers notice', does: 'Log an impact' },
	{ name: 'action', needs: 'what was done', does: 'Log an action' },
	{ name: 'finding', needs: 'what was found', does: 'Log a finding' },
	{ name: 'link', needs: 'https://… title', does: 'Keep a link' },
	{ name: 'title', needs: 'the new title', does: 'Rename the incident', also: ['rename'] },
	{ name: 'resolve', needs: '', does: 'Set the phase to Resolved', also: ['resolved'] },
	{
		name: 'close',
		needs: '',
		does: 'Close the incident: it takes no more edits',
		also: ['closed'],
	},
	{ name: 'reopen', needs: '', does: 'Open the incident again' },
	{ name: 'deputy', needs: '@name or me', does: 'Give Deputy' },
	{ name: 'liaison', needs: '@name or me', does: 'Give Liaison' },
	{ name: 'expert', needs: '@name or me', does: 'Give Expert' },
] as const satisfies readonly CommandHelp[];

export type CommandName = (typeof commands)[number]['name'];

const help: readonly (CommandHelp & { readonly name: CommandName })[] = commands;

/** The longest word that is read as a command. */
const longest = 24;

/** The word after a slash at the very start of a text; null where there is none, as in `/usr/bin`. */
export function commandWord(text: string): string | null {
	const [, word = null] = /^\/([a-z]{1,24})(?=\s|$)/i.exec(text.slice(0, longest + 2)) ?? [];
	return word?.toLowerCase() ?? null;
}

/** The command that a word names, by its own or another name. */
export function commandOf(word: string): CommandName | null {
	return help.find(({ name, also = [] }) => name === word || also.includes(word))?.name ?? null;
}

/** The beginning of a command that is still being typed, or null: `/` and `/de` are, `/de ` is not. */
export function commandBeginning(text: string): string | null {
	return /^\/[a-z]{0,24}$/i.test(text.slice(0, longest + 2)) ? text.slice(1).toLowerCase() : null;
}

/** The commands that a beginning may become: those that start so first, then those that hold its letters. */
export function commandsLike(typed: string): readonly (CommandHelp & { name: CommandName })[] {
	const rank = ({ name, also = [] }: CommandHelp) => {
		if (name.startsWith(typed)) return 0;
		if (also.some((word) => word.startsWith(typed))) return 1;
		return typed.length > 1 && holdsInOrder(name, typed) ? 2 : 3;
	};
	return [0, 1, 2].flatMap((wanted) => help.filter((command) => rank(command) === wanted));
}

function holdsInOrder(word: string, letters: string): boolean {
	let at = -1;
	return [...letters].every((letter) => (at = word.indexOf(letter, at + 1)) >= 0);
}

/** The command that a mistyped word is closest to, or null if it is close to none. */
export function nearestCommand(word: string): CommandName | null {
	const most = word.length <= 3 ? 1 : 2;
	const distances = help.flatMap(({ name, also = [] }) =>
		[name, ...also].map((spelling) => ({ name, distance: distanceBetween(word, spelling) })),
	);
	const [best] = distances.sort((a, b) => a.distance - b.distance);
	if (best && best.distance <= most) return best.name;
	return commandsLike(word)[0]?.name ?? null;
}

/** Letters to add, drop, replace or swap with their neighbour (optimal string alignment). */
function distanceBetween(a: string, b: string): number {
	let twoBefore: number[] = [];
	let before = Array.from({ length: b.length + 1 }, (_, j) => j);
	for (let i = 1; i <= a.length; i++) {
		const row = [i];
		for (let j = 1; j <= b.length; j++) {
			const cost = a[i - 1] === b[j - 1] ? 0 : 1;
			const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
			row.push(
				Math.min(
					(before[j] ?? 0) + 1,
					(row[j - 1] ?? 0) + 1,
					(before[j - 1] ?? 0) + cost,
					isSwap ? (twoBefore[j - 2] ?? 0) + 1 : Infinity,
				),
			);
		}
		[twoBefore, before] = [before, row];
	}
	return before[b.length] ?? 0;
}
