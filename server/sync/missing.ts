import { Refusal } from '#core/refusal.ts';
import { limits } from '#server/limits.ts';
import type { Clock } from './clock.ts';
import type { Peer } from './peer.ts';

/**
 * Asks a peer for what its edits build on, at most once a second, and for a minute at most: then
 * its copy does not fit.
 */
export function askForMissing(peer: Peer, clock: Clock, ask: () => void): void {
	const now = clock.now();
	const since = peer.incompleteSince ?? now;
	if (now - since > limits.resyncGiveUpMs) {
		peer.refuse(new Refusal('conflict', 'This copy builds on changes that the server never got.'));
		return;
	}
	if (now < peer.askedAt) return; // a question is on its way
	const wait = Math.max(0, peer.askedAt + limits.resyncMs - now);
	peer.askedAt = now + wait;
	clock.after(wait, ask);
}
