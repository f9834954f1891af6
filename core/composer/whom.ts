import type { PersonId } from '../ids.ts';
import type { Holder } from '../incident/reading.ts';
import { roleNames, roles, type Role } from '../incident/roles.ts';

/** Who can be named, who is typing, and who holds what. */
export interface Crowd {
	readonly me: PersonId | null;
	readonly people: readonly { readonly id: PersonId; readonly name: string }[];
	/** Null where roles say nobody's name. */
	readonly room: { readonly roles: Readonly<Record<Role, Holder | null>> } | null;
}

/** Who is meant by a typed name, or in a sentence why nobody is. */
export type Found =
	| { readonly found: true; readonly person: PersonId; readonly name: string }
	| { readonly found: false; readonly why: string };

/** `@name` in a text, without the sign, and who it is. */
export interface Mention {
	readonly typed: string;
	readonly who: Found;
}

const mostMentions = 20;
const longestName = 80;

/** The role that a word names: `ic`, `ops`, `comms`, … */
export function roleOf(word: string): Role | null {
	if (word.length > longestName) return null;
	const folded = fold(word);
	if (folded === 'ic') return 'commander';
	return roles.find((role) => role === folded) ?? null;
}

/** The person whom a text names: `me`, a role's holder, a name, or the only name that it begins. */
export function findPerson(typed: string, crowd: Crowd): Found {
	const words = typed.trim();
	if (words === '' || words.length > longestName) return nobody(words);
	if (fold(words) === 'me') return meIn(crowd);
	const role = roleOf(words);
	if (role && crowd.room) return holderOf(role, crowd.room.roles[role], crowd.people);
	const found = closest(fold(words), crowd.people);
	const [first] = found;
	if (first === undefined) return nobody(words);
	if (found.length === 1) return { found: true, person: first.id, name: first.name };
	return { found: false, why: `“${words}” may be ${found.map(({ name }) => name).join(' or ')}.` };
}

function meIn({ me, people }: Crowd): Found {
	const name = people.find(({ id }) => id === me)?.name;
	if (me === null) return { found: false, why: 'Nobody is signed in.' };
	return { found: true, person: me, name: name ?? 'You' };
}

function holderOf(role: Role, holder: Holder | null, people: People): Found {
	if (holder === null) return { found: false, why: `Nobody is ${roleNames[role]}.` };
	const name = people.find(({ id }) => id === holder.person)?.name;
	return { found: true, person: holder.person, name: name ?? roleNames[role] };
}

function nobody(words: string): Found {
	return { found: false, why: `Nobody is called “${words.slice(0, longestName)}”.` };
}

type People = Crowd['people'];

/** Whole names before first names before parts of names; the best level that fits anybody wins. */
function closest(typed: string, people: People): People {
	const partsOf = (name: string) => fold(name).split(/[\s.'-]+/);
	const levels: readonly ((name: string) => boolean)[] = [
		(name) => fold(name) === typed || fold(name).replaceAll(' ', '') === typed,
		(name) => partsOf(name)[0] === typed,
		(name) => partsOf(name).includes(typed),
		(name) => fold(name).startsWith(typed),
		(name) => partsOf(name).some((part) => part.startsWith(typed)),
	];
	for (const fits of levels) {
		const found = people.filter(({ name }) => fits(name));
		if (found.length > 0) return found.slice(0, 4);
	}
	return [];
}

/** People whose name a word may be the beginning of, the best first. */
export function peopleLike(typed: string, people: People): People {
	const folded = fold(typed);
	const starts = people.filter(({ name }) => fold(name).startsWith(folded));
	const others = people.filter(
		(person) => !starts.includes(person) && fold(person.name).includes(folded),
	);
	return [...starts, ...others];
}

/** The mentions of a text, the first twenty, each said once. An e-mail address is none. */
export function mentionsOf(text: string, crowd: Crowd): readonly Mention[] {
	const mentions = new Map<string, Mention>();
	let left = mostMentions;
	for (let at = text.indexOf('@'); at >= 0 && left > 0; at = text.indexOf('@', at + 1)) {
		if (at > 0 && !/[\s([{"'“,;]/.test(text.charAt(at - 1))) continue;
		left -= 1;
		const typed = nameAt(text, at + 1, crowd.people);
		if (typed !== '') mentions.set(fold(typed), { typed, who: findPerson(typed, crowd) });
	}
	return [...mentions.values()];
}

const word = /^[\p{L}\p{N}_](?:[\p{L}\p{N}_.'-]*[\p{L}\p{N}_])?/u;

/** A whole name that stands there, blanks and all, else the word that stands there. */
function nameAt(text: string, at: number, people: People): string {
	const whole = people
		.filter(({ name }) => {
			const isName = fold(text.slice(at, at + name.length)) === fold(name);
			return isName && !/[\p{L}\p{N}]/u.test(text.charAt(at + name.length));
		})
		.reduce((longest, { name }) => Math.max(longest, name.length), 0);
	if (whole > 0) return text.slice(at, at + whole);
	return word.exec(text.slice(at, at + longestName))?.[0] ?? '';
}

/** Letters as they are compared: without case and accents. */
function fold(text: string): string {
	return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}
