import { Refusal } from '#core/refusal.ts';

/** Lets few do something at a time; some more wait for their turn, and whoever comes then is refused. */
export class Few {
	readonly #atOnce: number;
	readonly #mostWaiting: number;
	readonly #waiting: (() => void)[] = [];
	#busy = 0;

	constructor({ atOnce, mostWaiting }: { atOnce: number; mostWaiting: number }) {
		this.#atOnce = atOnce;
		this.#mostWaiting = mostWaiting;
	}

	/** Throws a `Refusal` if too many wait already. */
	async run<T>(work: () => Promise<T>): Promise<T> {
		if (this.#busy >= this.#atOnce) await this.#turn();
		else this.#busy += 1;
		try {
			return await work();
		} finally {
			const next = this.#waiting.shift();
			if (next) next();
			else this.#busy -= 1;
		}
	}

	#turn(): Promise<void> {
		if (this.#waiting.length >= this.#mostWaiting) {
			throw new Refusal('tooMany', 'Many look at the past right now. Try again in a moment.');
		}
		return new Promise((resolve) => this.#waiting.push(resolve));
	}
}
