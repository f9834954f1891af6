import { setImmediate as nextRound } from 'node:timers/promises';

/** Long work in slices: whoever does it asks now and then, and lets the others have their turn. */
export class Slices {
	readonly #ms: number;
	#began = performance.now();

	/** One slice takes about so long. */
	constructor(ms: number) {
		this.#ms = ms;
	}

	get isOver(): boolean {
		return performance.now() - this.#began >= this.#ms;
	}

	/** Resolves once the others had their turn. */
	async pass(): Promise<void> {
		await nextRound();
		this.#began = performance.now();
	}
}
