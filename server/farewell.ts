import { setTimeout as pause } from 'node:timers/promises';
import { limits } from './limits.ts';

const stepMs = 20;

/**
 * Says farewell to all of them, one after the other: each a moment after the one before, and the last
 * within three seconds, so that they do not all come to another node at the same instant.
 */
export async function sayFarewell<T>(all: readonly T[], say: (one: T) => void): Promise<void> {
	const ms = Math.min(limits.farewellsMs, all.length * limits.farewellEachMs);
	const began = performance.now();
	for (let said = 0; said < all.length;) {
		const share = ms === 0 ? 1 : (performance.now() - began) / ms;
		const due = Math.min(all.length, Math.max(1, Math.ceil(share * all.length)));
		for (const one of all.slice(said, due)) say(one);
		said = Math.max(said, due);
		if (said < all.length) await pause(Math.min(stepMs, ms / all.length));
	}
}
