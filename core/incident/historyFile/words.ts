import { kinds, severities, type Kind, type Severity } from '../lifecycle.ts';

/** How bad status pages say that it was (domain: import of a status page). */
const impacts: ReadonlyMap<string, Severity> = new Map([
	['critical', 'SEV1'],
	['major', 'SEV2'],
	['minor', 'SEV3'],
	['none', 'SEV5'],
]);

/** What an incident is of and how bad it was, by the words of a source. */
export interface Graded {
	readonly kind: Kind;
	readonly severity: Severity | null;
}

export const gradeWords = 'critical, major, minor, none, maintenance, SEV1 to SEV5 or P1 to P5';

/** What a source's word for its impact says; null for a word that says nothing here. */
export function gradeOf(word: string): Graded | null {
	const plain = word.trim().toLowerCase();
	if (plain === 'maintenance') return { kind: 'maintenance', severity: null };
	const level = /^(?:sev|p)[ -]?([1-5])$/.exec(plain)?.[1];
	const severity = level ? severities[Number(level) - 1] : impacts.get(plain);
	return severity ? { kind: 'incident', severity } : null;
}

/** One of our kinds; null for another word. */
export function kindOf(word: string): Kind | null {
	return kinds.find((kind) => kind === word.trim().toLowerCase()) ?? null;
}

/** A status of a source in words that stand before its text: `in_progress` → `In progress`. */
export function statusWords(status: string): string {
	const words = status.trim().replaceAll('_', ' ');
	return words.charAt(0).toUpperCase() + words.slice(1);
}

/** An update's text with its status in front, which is left out where it says that this is an update. */
export function updateText(status: string | null, message: string | null): string {
	const word = status === null ? '' : statusWords(status);
	if (message === null) return word;
	return word === '' || word.toLowerCase() === 'update' ? message : `${word}: ${message}`;
}
