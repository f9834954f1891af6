/**
 * The parts of an incident's document that people write and that can go back to an earlier version,
 * named as a sentence does behind “the”. The record is none of them.
 */
export const restorableParts = ['impact', 'theory', 'notes', 'tasks', 'entries'] as const;
export type RestorablePart = (typeof restorableParts)[number];

/** Where people read what was removed for good. */
export const removedParts = [...restorableParts, 'record'] as const;
export type RemovedPart = (typeof removedParts)[number];
