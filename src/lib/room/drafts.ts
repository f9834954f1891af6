/** What was typed and not logged, kept for this tab, so that a reload loses nothing. */
export function readDraft(incident: number): string {
	try {
		return sessionStorage.getItem(keyOf(incident)) ?? '';
	} catch {
		return ''; // Storage is off: a draft lives as long as the page.
	}
}

export function keepDraft(incident: number, text: string): void {
	try {
		if (text === '') sessionStorage.removeItem(keyOf(incident));
		else sessionStorage.setItem(keyOf(incident), text);
	} catch {
		// Storage is off or full: a draft lives as long as the page.
	}
}

function keyOf(incident: number): string {
	return `draft:${incident}`;
}
