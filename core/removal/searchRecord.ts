import * as Y from 'yjs';
import {
	needleOf,
	removedMark,
	withoutPrint,
	withTexts,
	type Replaced,
	type Wanted,
} from './removal.ts';

/** A fact that is another from now on; `isTold` unless only what nobody reads has gone. */
export interface ReplacedFact extends Replaced {
	readonly isTold: boolean;
}

/** The facts, those that were replaced before too, that hold what is to be removed or say more of the entries that do. */
export function searchRecord(
	record: Y.Array<unknown>,
	wanted: Wanted,
	entries: ReadonlySet<string>,
): ReplacedFact[] {
	const found: ReplacedFact[] = [];
	for (let item = record._start; item; item = item.right) {
		if (!(item.content instanceof Y.ContentAny)) continue;
		const { client, clock } = item.id;
		item.content.arr.forEach((fact: unknown, i) => {
			if (typeof fact !== 'object' || fact === null) return;
			const changed = changeOf(fact, wanted, entries);
			if (!changed) return;
			found.push({
				client,
				clock: clock + i,
				value: withoutPrint(changed),
				isTold: changed !== fact,
			});
		});
	}
	return found;
}

/** The fact as it is to be; the very same one if only its print goes, null if nothing does. */
function changeOf(fact: object, wanted: Wanted, entries: ReadonlySet<string>): object | null {
	const changed = withTexts(fact, changeFor(fact, wanted));
	if (changed !== fact) return changed;
	const entry = 'entry' in fact ? fact.entry : null;
	const isOfEntry = typeof entry === 'string' && entries.has(entry);
	return isOfEntry && 'print' in fact ? fact : null;
}

function changeFor(fact: object, wanted: Wanted): (text: string) => string {
	if ('text' in wanted) {
		const needle = needleOf(wanted.text);
		return (text) => text.replaceAll(needle, removedMark);
	}
	const isIt =
		('fact' in wanted && 'id' in fact && fact.id === wanted.fact) ||
		('entry' in wanted && 'entry' in fact && fact.entry === wanted.entry);
	return isIt ? () => removedMark : (text) => text;
}
