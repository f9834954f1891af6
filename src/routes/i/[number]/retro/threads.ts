import type { Comment } from '#core/retro/state.ts';

/** A comment and what was answered to it. */
export interface Thread {
	readonly first: Comment;
	readonly answers: readonly Comment[];
}

/** Comments with their answers, the oldest first; open ones before those that are resolved. */
export function threadsOf(comments: readonly Comment[]): readonly Thread[] {
	const firsts = comments.filter(({ answers }) => answers === null);
	return firsts
		.map((first) => ({
			first,
			answers: comments.filter(({ answers }) => answers === first.id),
		}))
		.toSorted((a, b) => Number(a.first.isResolved) - Number(b.first.isResolved));
}
