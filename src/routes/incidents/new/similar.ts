import type { BoardRow } from '#core/wire.ts';

const fillers = new Set(['the', 'and', 'are', 'for', 'not', 'down', 'with', 'from', 'some', 'all']);

/** Incidents whose titles share a telling word with this one, the closest first, three at most. */
export function similarTo(title: string, incidents: readonly BoardRow[]): readonly BoardRow[] {
	const words = wordsOf(title);
	return incidents
		.map((incident) => ({ incident, shared: sharedWords(words, wordsOf(incident.title)) }))
		.filter(({ shared }) => shared > 0)
		.sort((a, b) => b.shared - a.shared)
		.slice(0, 3)
		.map(({ incident }) => incident);
}

function wordsOf(title: string): readonly string[] {
	const words = title.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? [];
	return words.filter((word) => !fillers.has(word));
}

/** A word counts when it is the other's beginning too: `check` finds `checkout`. */
function sharedWords(some: readonly string[], others: readonly string[]): number {
	return some.filter((word) =>
		others.some((other) => word === other || isStart(word, other) || isStart(other, word)),
	).length;
}

function isStart(start: string, word: string): boolean {
	return start.length >= 4 && word.startsWith(start);
}
