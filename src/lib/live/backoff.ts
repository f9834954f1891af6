const leastMs = 500;
const mostMs = 5_000;

/** How long to wait when many are sent away at once, as by a restart: half a second to five. */
export function comeBackDelay(random: number): number {
	return Math.round(leastMs + random * (mostMs - leastMs));
}

/**
 * How long to wait before the n-th attempt to connect again (from 1): doubling from half a second
 * up to five, spread by `random` in [0, 1) so that a hundred browsers do not come back at once.
 */
export function reconnectDelay(attempt: number, random: number): number {
	const ceiling = Math.min(mostMs, 2 * leastMs * 2 ** Math.max(0, attempt - 1));
	return Math.round(leastMs + random * (ceiling - leastMs));
}
