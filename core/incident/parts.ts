import type { DocumentKind } from '../ids.ts';

/**
 * The parts of an incident's documents that people write and that can go back to an earlier version,
 * named as a sentence does behind “the”. The record is none of them.
 */
export const restorableParts = [
	...(['impact', 'theory', 'notes', 'tasks', 'entries'] as const),
	...(['report', 'findings'] as const),
] as const;
export type RestorablePart = (typeof restorableParts)[number];

/** The parts that a document has. */
export function partsOf(kind: DocumentKind): readonly RestorablePart[] {
	const isOfRetro = (part: RestorablePart) => part === 'report' || part === 'findings';
	return restorableParts.filter((part) => isOfRetro(part) === (kind === 'retro'));
}

/** Where people read what was removed for good. */
export const removedParts = [...restorableParts, 'record'] as const;
export type RemovedPart = (typeof removedParts)[number];
