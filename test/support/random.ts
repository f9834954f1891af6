/** Numbers in [0, 1) that a seed determines (mulberry32). */
export function seeded(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

/** A seed that the run prints, or the one that `MUSTER_SEED` repeats. */
export function newSeed(test: string): number {
	const seed = Number(process.env['MUSTER_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
	console.log(`${test}: MUSTER_SEED=${seed}`);
	return seed;
}

/** One of several. */
export function oneOf<const T>(list: readonly [T, ...T[]], random: () => number): T {
	return list[Math.floor(random() * list.length)] ?? list[0];
}
