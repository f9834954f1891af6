import * as Y from 'yjs';
import type { DocumentKind } from '#core/ids.ts';
import { createDocument } from '#core/incident/document.ts';
import { removeFrom, type FoundTurns, type SearchedTurn } from '#core/removal/removeFrom.ts';
import type { Wanted } from '#core/removal/removal.ts';
import { makeSnapshot } from '#server/persister/snapshot.ts';
import type { NewSnapshot } from '#server/storage/removals.ts';

/** A document's whole history, what is to be removed from it, and the turns of which there are snapshots, in order. */
export interface RemovalWork {
	readonly of: DocumentKind;
	readonly turns: readonly SearchedTurn[];
	readonly wanted: Wanted;
	readonly snapshots: readonly number[];
}

/** What was found, with the snapshots as they are without it. */
export interface Removal extends FoundTurns {
	readonly snapshots: readonly NewSnapshot[];
}

/** Removes it from a history; `onTurn` hears of each turn before it is looked at. */
export function removeForGood(work: RemovalWork, onTurn: (turn: number) => void): Removal {
	const { of, turns, wanted, snapshots } = work;
	const found = removeFrom(turns, wanted, onTurn);
	const first = found.rewritten[0]?.turn ?? Infinity;
	const due = new Set(snapshots.filter((turn) => turn >= first));
	return { ...found, snapshots: due.size === 0 ? [] : snapshotsOf({ of, turns }, found, due) };
}

function snapshotsOf(
	{ of, turns }: Pick<RemovalWork, 'of' | 'turns'>,
	{ rewritten }: FoundTurns,
	due: ReadonlySet<number>,
): NewSnapshot[] {
	const changed = new Map(rewritten.map(({ turn, updates }) => [turn, updates]));
	const doc = createDocument('follower');
	return turns.flatMap(({ turn, updates, isPassed }) => {
		if (!isPassed) for (const update of changed.get(turn) ?? updates) Y.applyUpdate(doc, update);
		return due.has(turn) ? [makeSnapshot(doc, { turn, head: noHead }, of)] : [];
	});
}

/** It stays as it is in the store. */
const noHead = new Uint8Array();
