interface Allowed {
	readonly burst: number;
	readonly perSecond: number;
}

/** So many at once, then so many a second. */
export class Allowance {
	readonly #allowed: Allowed;
	#left: number;
	#at: number;

	/** `now` in ms of any clock; one that steps back takes nothing away. */
	constructor(allowed: Allowed, now: number) {
		this.#allowed = allowed;
		this.#left = allowed.burst;
		this.#at = now;
	}

	/** Takes one; false if there is none left. */
	take(now: number): boolean {
		const { burst, perSecond } = this.#allowed;
		const earned = (Math.max(0, now - this.#at) / 1_000) * perSecond;
		this.#left = Math.min(burst, this.#left + earned);
		this.#at = now;
		if (this.#left < 1) return false;
		this.#left -= 1;
		return true;
	}
}

/** An allowance for each, in bounded memory: whoever asked for nothing the longest is forgotten first. */
export class Allowances<Key> {
	readonly #allowed: Allowed;
	readonly #most: number;
	readonly #byKey = new Map<Key, Allowance>();

	/** Remembers at most so many. */
	constructor(allowed: Allowed, most: number) {
		this.#allowed = allowed;
		this.#most = most;
	}

	/** Takes one of this one's; false if there is none left. */
	take(key: Key, now: number): boolean {
		const allowance = this.#byKey.get(key) ?? new Allowance(this.#allowed, now);
		this.#byKey.delete(key);
		this.#byKey.set(key, allowance);
		const [oldest] = this.#byKey.keys();
		if (this.#byKey.size > this.#most && oldest !== undefined) this.#byKey.delete(oldest);
		return allowance.take(now);
	}
}
