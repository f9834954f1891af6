import { commandBeginning, commandsLike } from '#core/composer/commands.ts';
import { peopleLike } from '#core/composer/whom.ts';
import type { Directory } from './verbs.ts';

/** One way to go on with what is being typed. */
export interface Suggestion {
	readonly key: string;
	readonly label: string;
	/** What follows it. */
	readonly needs: string;
	readonly does: string;
	/** The whole line with it, and where the caret stands then. */
	readonly text: string;
	readonly caret: number;
	/** It needs nothing more: taking it can do it. */
	readonly isWhole: boolean;
}

export interface Suggestions {
	readonly of: 'commands' | 'people';
	readonly items: readonly Suggestion[];
}

const mostPeople = 8;
const longestName = 40;

/** Commands after a slash, people after an at sign; null where nothing can be suggested. */
export function suggestionsFor(text: string, caret: number, people: Directory): Suggestions | null {
	const items = commandItems(text, caret);
	if (items.length > 0) return { of: 'commands', items };
	const named = peopleItems(text, caret, people);
	return named.length > 0 ? { of: 'people', items: named } : null;
}

function commandItems(text: string, caret: number): readonly Suggestion[] {
	const typed = commandBeginning(text);
	if (typed === null || caret !== text.length) return [];
	return commandsLike(typed).map(({ name, needs, does, sign }) => {
		const line = needs === '' ? `/${name}` : `/${name} `;
		return {
			key: name,
			label: `/${name}`,
			needs,
			does: sign ? `${does} (also ${sign})` : does,
			text: line,
			caret: line.length,
			isWhole: needs === '',
		};
	});
}

function peopleItems(text: string, caret: number, people: Directory): readonly Suggestion[] {
	const before = text.slice(Math.max(0, caret - longestName), caret);
	const [, typed] = /(?:^|[\s(])@([^\s@]*)$/.exec(before) ?? [];
	if (typed === undefined) return [];
	const start = caret - typed.length;
	const rest = text.slice(caret);
	const blank = rest.startsWith(' ') ? '' : ' ';
	return peopleLike(typed, people.all)
		.slice(0, mostPeople)
		.map(({ id, name }) => ({
			key: id,
			label: name,
			needs: '',
			does: id === people.me ? 'you' : '',
			text: `${text.slice(0, start)}${name}${blank}${rest}`,
			caret: start + name.length + 1,
			isWhole: false,
		}));
}
