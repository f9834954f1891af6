/** How much may come: so much at once, then so much a second. */
export interface Allowed {
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

	/** Takes so much; false if less is left. */
	take(now: number, cost = 1): boolean {
		this.#earn(now);
		if (this.#left < cost) return false;
		this.#left -= cost;
		return true;
	}

	/** Whether anything is left. */
	hasAny(now: number): boolean {
		this.#earn(now);
		return this.#left > 0;
	}

	/** Takes so much in any case: what is not there is owed, but never more than is earned in a minute. */
	charge(now: number, cost: number): void {
		this.#earn(now);
		this.#left = Math.max(this.#left - cost, -60 * this.#allowed.perSecond);
	}

	/** Gives what could not be used for so many ms, beyond the burst if need be. */
	excuse(ms: number): void {
		this.#left += (ms / 1_000) * this.#allowed.perSecond;
	}

	#earn(now: number): void {
		const { burst, perSecond } = this.#allowed;
		const earned = (Math.max(0, now - this.#at) / 1_000) * perSecond;
		this.#left = Math.max(this.#left, Math.min(burst, this.#left + earned));
		this.#at = now;
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
		return this.of(key, now).take(now);
	}

	/** This one's allowance. */
	of(key: Key, now: number): Allowance {
		const allowance = this.#byKey.get(key) ?? new Allowance(this.#allowed, now);
		this.#byKey.delete(key);
		this.#byKey.set(key, allowance);
		const [oldest] = this.#byKey.keys();
		if (this.#byKey.size > this.#most && oldest !== undefined) this.#byKey.delete(oldest);
		return allowance;
	}
}
