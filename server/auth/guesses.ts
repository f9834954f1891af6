import { isIPv6 } from 'node:net';
import type { Bucket } from '#server/buckets.ts';
import { limits } from '#server/limits.ts';

/**
 * The narrow bound is on an account as seen from one address, so that a stranger who guesses does
 * not lock out the person; the wide ones stop whoever comes from many addresses, or tries many accounts.
 */
const bounds = {
	pair: { burst: 10, refillMs: 60_000 },
	account: { burst: 100, refillMs: 6_000 },
	address: { burst: 30, refillMs: 10_000 },
} as const satisfies Record<string, Omit<Bucket, 'name'>>;

/** What a try is counted in. */
export function bucketsOf(account: string, address: string): readonly Bucket[] {
	const network = networkOf(address);
	return [
		{ name: `pair ${network} ${account}`, ...bounds.pair },
		{ name: `account ${account}`, ...bounds.account },
		{ name: `address ${network}`, ...bounds.address },
	];
}

interface Level {
	left: number;
	/** Epoch ms. */
	at: number;
}

/** What a try may do: go on, or wait so long (ms). `undo` is for one that was no guess. */
export type Try =
	| { readonly state: 'allowed'; readonly undo: () => void }
	| { readonly state: 'early'; readonly waitMs: number };

/** Counts wrong passwords per account and per address, in bounded memory. */
export class Guesses {
	readonly #levels = new Map<string, Level>();
	readonly #now: () => number;

	/** `now` gives epoch milliseconds. */
	constructor(now: () => number) {
		this.#now = now;
	}

	/** Takes a try before the password is looked at, so that tries at the same time count too. */
	take(account: string, address: string): Try {
		const counted = bucketsOf(account, address).map((bucket) => {
			return { bucket, level: this.#levelOf(bucket) };
		});
		const waits = counted.map(({ bucket, level }) => (1 - level.left) * bucket.refillMs);
		const waitMs = Math.ceil(Math.max(...waits));
		if (waitMs > 0) return { state: 'early', waitMs };
		for (const { level } of counted) level.left -= 1;
		return {
			state: 'allowed',
			undo: () => counted.forEach(({ level }) => (level.left += 1)),
		};
	}

	#levelOf({ name, burst, refillMs }: Bucket): Level {
		const now = this.#now();
		const level = this.#levels.get(name) ?? { left: burst, at: now };
		const earned = Math.max(0, now - level.at) / refillMs;
		level.left = Math.min(burst, level.left + earned);
		level.at = now;
		// Put at the end, so that the one which nobody asked for longest is forgotten first.
		this.#levels.delete(name);
		this.#levels.set(name, level);
		const [oldest] = this.#levels.keys();
		if (this.#levels.size > limits.guessers && oldest !== undefined) this.#levels.delete(oldest);
		return level;
	}
}

/** Who has an IPv6 address has the 2⁶⁴ beside it too. */
export function networkOf(address: string): string {
	if (!isIPv6(address)) return address;
	const v4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
	if (v4 !== undefined) return v4;
	const [head = '', tail] = address.split('::');
	const left = head.split(':').filter(Boolean);
	const right = tail?.split(':').filter(Boolean) ?? [];
	const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
	const groups = [...left, ...zeros, ...right].slice(0, 4);
	return groups.map((group) => parseInt(group, 16).toString(16)).join(':');
}
