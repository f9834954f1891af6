import type { PersonId } from './ids.ts';

/** Eight colours on which white initials are readable (≥ 4.57:1), and which stand out on every surface. */
const colours = [
	'#b94642',
	'#a25900',
	'#7e6f00',
	'#278733',
	'#00837e',
	'#007bab',
	'#5a66c7',
	'#9750a7',
] as const;

/** A person's colour, the same everywhere. A name or initials always stand beside it. */
export function colourOf(person: PersonId): string {
	let sum = 0;
	for (let i = 0; i < person.length; i++) sum = (sum * 31 + person.charCodeAt(i)) >>> 0;
	return colours[sum % colours.length] ?? colours[0];
}

/** Up to two letters for a name: `Priya R` → `PR`, `linus` → `LI`. */
export function initialsOf(name: string): string {
	const words = name.trim().split(/\s+/);
	const first = words[0] ?? '';
	const last = words.length > 1 ? (words.at(-1) ?? '') : '';
	const letters = last
		? [...first].slice(0, 1).concat([...last].slice(0, 1))
		: [...first].slice(0, 2);
	return letters.join('').toUpperCase() || '?';
}
