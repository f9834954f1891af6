import type { Buckets } from '#server/buckets.ts';
import { bucketsOf, type Guesses, type Try } from './guesses.ts';

/** Counts wrong passwords here and with all nodes together: whoever is asked by turns learns no more. */
export class SharedGuesses {
	readonly #here: Guesses;
	readonly #buckets: Buckets;

	constructor(here: Guesses, buckets: Buckets) {
		this.#here = here;
		this.#buckets = buckets;
	}

	/** Takes a try before the password is looked at, so that tries at the same time count too. */
	async take(account: string, address: string): Promise<Try> {
		const own = this.#here.take(account, address);
		if (own.state === 'early') return own;
		const shared = bucketsOf(account, address);
		const waitMs = await this.#buckets.take(shared);
		if (waitMs === null) return own;
		if (waitMs > 0) {
			own.undo();
			return { state: 'early', waitMs };
		}
		return {
			state: 'allowed',
			undo: () => {
				own.undo();
				this.#buckets.give(shared);
			},
		};
	}
}
