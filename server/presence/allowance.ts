/** So many at once, then so many a second. */
export class Allowance {
	readonly #burst: number;
	readonly #perSecond: number;
	#left: number;
	#at: number;

	/** `now` in ms of any clock that only moves on. */
	constructor(allowed: { readonly burst: number; readonly perSecond: number }, now: number) {
		this.#burst = allowed.burst;
		this.#perSecond = allowed.perSecond;
		this.#left = allowed.burst;
		this.#at = now;
	}

	/** Takes one; false if there is none left. */
	take(now: number): boolean {
		const earned = (Math.max(0, now - this.#at) / 1_000) * this.#perSecond;
		this.#left = Math.min(this.#burst, this.#left + earned);
		this.#at = now;
		if (this.#left < 1) return false;
		this.#left -= 1;
		return true;
	}
}
