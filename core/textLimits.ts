/** Lengths in UTF-16 units that every door holds to. */
export const textLimits = {
	title: 200,
	entry: 10_000,
	actors: 200,
	url: 2_000,
	key: 200,
	reason: 500,
	removal: 20_000,
	comment: 5_000,
	/** What a comment is about. */
	quote: 500,
} as const;
