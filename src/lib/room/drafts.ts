import type { PersonId } from '#core/ids.ts';

/** Whose draft it is, and of which incident. */
export interface DraftOf {
	readonly incident: number;
	readonly person: PersonId | null;
}

/** What was typed and not logged, kept for this tab, so that a reload loses nothing. */
export function readDraft(of: DraftOf): string {
	try {
		return sessionStorage.getItem(keyOf(of)) ?? '';
	} catch {
		return ''; // Storage is off: a draft lives as long as the page.
	}
}

export function keepDraft(of: DraftOf, text: string): void {
	try {
		if (text === '') sessionStorage.removeItem(keyOf(of));
		else sessionStorage.setItem(keyOf(of), text);
	} catch {
		// Storage is off or full: a draft lives as long as the page.
	}
}

function keyOf({ incident, person }: DraftOf): string {
	return `draft:${incident}:${person}`;
}
