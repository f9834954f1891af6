import type { Block, Deletion, Id } from './scan.ts';

/** What the gate asks of the room to keep what was logged. */
export interface KeptView {
	/** Whether an item is an entry, or an entry's text as a whole. */
	isKept(id: Id): boolean;
	/** Whether something that is kept stands under this key of a root or of a type's item. */
	hasKept(parent: Id | string, key: string): boolean;
	/** Whether a range holds something that is kept and not deleted yet. */
	holdsKept(deletion: Deletion): boolean;
}

/**
 * Whether an update replaces or removes an entry, or an entry's text as a whole. An entry stays with
 * who logged it: its text is typed in, and it is struck, never removed.
 */
export function replacesEntry(
	view: KeptView,
	news: readonly Block[],
	deletions: readonly Deletion[],
): boolean {
	const isReplaced = news.some(({ items }) =>
		items.some(
			({ left, right, parent, key }) =>
				(left !== null && view.isKept(left)) ||
				(right !== null && view.isKept(right)) ||
				(parent !== null && key !== null && view.hasKept(parent, key)),
		),
	);
	return isReplaced || deletions.some((deletion) => view.holdsKept(deletion));
}
