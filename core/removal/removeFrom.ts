import { removedParts } from '../incident/parts.ts';
import type { Found, Wanted } from './removal.ts';
import { goneOf, rewriteUpdate, type Gone } from './rewrite.ts';
import { Search } from './search.ts';

/** A turn of a history as its removal sees it: the updates of its edits. */
export interface SearchedTurn {
	readonly turn: number;
	readonly updates: readonly Uint8Array[];
	/** Nobody opens it any more: it is not part of the document. */
	readonly isPassed: boolean;
}

/** What was found, and the turns that held it as they are to be; those that nobody opens lose all they had. */
export interface FoundTurns extends Found {
	readonly rewritten: readonly Pick<SearchedTurn, 'turn' | 'updates'>[];
}

/**
 * Finds what is to be removed in a whole history, from its first turn on, and rewrites the turns that
 * hold it. What stands together once that is gone is looked through again. Hears of each turn before it
 * is taken. Throws what Yjs throws.
 */
export function removeFrom(
	turns: readonly SearchedTurn[],
	wanted: Wanted,
	onTurn: (turn: number) => void,
): FoundTurns {
	let all: FoundTurns = { spans: [], values: [], parts: [], rewritten: [] };
	for (let left = turns; ;) {
		const found = searchTurns(left, wanted, onTurn);
		const gone = goneOf(found);
		const rewritten = left.flatMap((turn) => rewriteTurn(turn, gone));
		if (rewritten.length === 0) return all;
		all = together(all, { ...found, rewritten });
		const changed = new Map(rewritten.map((turn) => [turn.turn, turn]));
		left = left.map((turn) => ({ ...turn, ...changed.get(turn.turn) }));
	}
}

function searchTurns(
	turns: readonly SearchedTurn[],
	wanted: Wanted,
	onTurn: (turn: number) => void,
): Found {
	const search = new Search(wanted);
	for (const { turn, updates, isPassed } of turns) {
		onTurn(turn);
		for (const update of updates) {
			if (isPassed) tolerate(() => search.note(update));
			else search.take(update);
		}
	}
	return search.end();
}

function rewriteTurn({ turn, updates, isPassed }: SearchedTurn, gone: Gone) {
	const changed = updates.map((update) =>
		isPassed ? tolerate(() => rewriteUpdate(update, gone)) : rewriteUpdate(update, gone),
	);
	if (changed.every((update) => update === null)) return [];
	return [{ turn, updates: isPassed ? [] : updates.map((same, i) => changed[i] ?? same) }];
}

/** What cannot be opened need not be readable either: then it says nothing that could be found. */
function tolerate<T>(run: () => T): T | null {
	try {
		return run();
	} catch {
		return null;
	}
}

function together(first: FoundTurns, then: FoundTurns): FoundTurns {
	const parts = new Set([...first.parts, ...then.parts]);
	const turns = new Map([...first.rewritten, ...then.rewritten].map((turn) => [turn.turn, turn]));
	return {
		spans: [...first.spans, ...then.spans],
		values: [...first.values, ...then.values],
		parts: removedParts.filter((part) => parts.has(part)),
		rewritten: [...turns.values()].sort((a, b) => a.turn - b.turn),
	};
}
