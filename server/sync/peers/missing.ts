import { Refusal } from '#core/refusal.ts';
import { limits } from '#server/limits.ts';
import type { Clock } from '../clock.ts';
import type { Peer } from './peer.ts';

/**
 * Asks a peer for what its edits build on: once a second, or soon when the document has moved on, and
 * for a minute at most after it last brought something. Then its copy does not fit.
 */
export function askForMissing(
	peer: Peer,
	clock: Clock,
	{ hasMoved, ask }: { hasMoved: boolean; ask: () => void },
): void {
	const now = clock.now();
	const since = Math.max(peer.incompleteSince ?? now, peer.broughtAt);
	if (now - since > limits.resyncGiveUpMs) {
		peer.refuse(new Refusal('conflict', 'This copy builds on changes that the server never got.'));
		return;
	}
	const dueAt = Math.max(now, peer.askedAt + (hasMoved ? limits.resyncSoonMs : limits.resyncMs));
	if (peer.askDueAt !== null && peer.askDueAt <= dueAt) return; // a question is on its way
	peer.askDueAt = dueAt;
	clock.after(dueAt - now, () => {
		if (peer.askDueAt !== dueAt) return; // one was sooner
		peer.askDueAt = null;
		peer.askedAt = clock.now();
		ask();
	});
}
