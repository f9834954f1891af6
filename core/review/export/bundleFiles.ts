import type { DocumentKind } from '../../ids.ts';

/** How many turns one file of a bundle's history holds at most. */
export const turnsPerFile = 2_000;

/** How many edits these turns have at most: a file ends before a turn that would be too much. */
export const editsPerFile = 100_000;

/** How much a bundle holds at most, far more than 20 MiB hold of what people write. */
export const mostTurns = 700_000;
export const mostEdits = 1_000_000;

/** The files of every bundle but its histories, in the order in which they stand in it. */
export const bundleFiles = {
	readme: 'README.txt',
	markdown: 'incident.md',
	json: 'incident.json',
	csv: 'timeline.csv',
	attendance: 'attendance.json',
	manifest: 'manifest.json',
} as const;

/** Those that tell what was learnt, where anything was. */
export const learningFiles = { markdown: 'retrospective.md', actions: 'actions.json' } as const;

const folders: Readonly<Record<DocumentKind, string>> = { room: 'history', retro: 'retrospective' };

/** The name of a history's file with this index, the first one 0. */
export function historyFile(index: number, kind: DocumentKind = 'room'): string {
	return `${folders[kind]}/${String(index + 1).padStart(6, '0')}.bin`;
}

/** Of which document's history a file holds a part; null for any other file. */
export function historyKindOf(name: string): DocumentKind | null {
	const folder = /^([a-z]+)\/\d{6}\.bin$/.exec(name)?.[1];
	if (folder === folders.room) return 'room';
	return folder === folders.retro ? 'retro' : null;
}

const named: ReadonlySet<string> = new Set(
	[bundleFiles, learningFiles].flatMap((files) => Object.values<string>(files)),
);

/** Whether a file may stand in a bundle. */
export function isBundleFile(name: string): boolean {
	return named.has(name) || historyKindOf(name) !== null;
}
