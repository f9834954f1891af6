import { isIPv6 } from 'node:net';
import { limits } from '#server/limits.ts';

interface Bound {
	/** Wrong passwords in a row. */
	readonly burst: number;
	/** After that, one more each so many milliseconds. */
	readonly refillMs: number;
}

/**
 * The narrow bound is on an account as seen from one address, so that a stranger who guesses does
 * not lock out the person; the wide ones stop whoever comes from many addresses, or tries many accounts.
 */
const bounds = {
	pair: { burst: 10, refillMs: 60_000 },
	account: { burst: 100, refillMs: 6_000 },
	address: { burst: 30, refillMs: 10_000 },
} as const satisfies Record<string, Bound>;

interface Bucket {
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
	readonly #buckets = new Map<string, Bucket>();
	readonly #now: () => number;

	/** `now` gives epoch milliseconds. */
	constructor(now: () => number) {
		this.#now = now;
	}

	/** Takes a try before the password is looked at, so that tries at the same time count too. */
	take(account: string, address: string): Try {
		const network = networkOf(address);
		const keys = [
			[`pair ${network} ${account}`, bounds.pair],
			[`account ${account}`, bounds.account],
			[`address ${network}`, bounds.address],
		] as const;
		const buckets = keys.map(([key, bound]) => this.#bucket(key, bound));
		const waits = buckets.map(({ left }, i) => (1 - left) * (keys[i]?.[1].refillMs ?? 0));
		const waitMs = Math.ceil(Math.max(...waits));
		if (waitMs > 0) return { state: 'early', waitMs };
		for (const bucket of buckets) bucket.left -= 1;
		return {
			state: 'allowed',
			undo: () => buckets.forEach((bucket) => (bucket.left += 1)),
		};
	}

	#bucket(key: string, { burst, refillMs }: Bound): Bucket {
		const now = this.#now();
		const bucket = this.#buckets.get(key) ?? { left: burst, at: now };
		const earned = Math.max(0, now - bucket.at) / refillMs;
		bucket.left = Math.min(burst, bucket.left + earned);
		bucket.at = now;
		// Put at the end, so that the one which nobody asked for longest is forgotten first.
		this.#buckets.delete(key);
		this.#buckets.set(key, bucket);
		const [oldest] = this.#buckets.keys();
		if (this.#buckets.size > limits.guessers && oldest !== undefined) this.#buckets.delete(oldest);
		return bucket;
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
