import type { DocumentId } from '#core/ids.ts';
import type { Logger } from '#server/log.ts';
import type { Place } from '#server/storage/documents.ts';
import { Overtaken } from './clash.ts';
import { pause, type Clock } from './clock.ts';
import type { Deciding } from './deciding.ts';
import type { Draft } from './draft.ts';
import type { Outage, PendingTurn } from './outage.ts';

export interface DeliveryParts {
	readonly clock: Clock;
	readonly log: Logger;
	readonly document: DocumentId;
	readonly deciding: Deciding;
	readonly isOver: () => boolean;
	/** A turn is in the journal now. */
	readonly committed: (draft: Draft, place: Place) => void;
	/** All that people sent in a waiting turn is in the journal. */
	readonly delivered: (turn: PendingTurn) => void;
}

const delaysMs = [50, 100, 200, 500];
const longestDelayMs = 1_000;

/** Commits what waits, turn by turn, for as long as it takes. Throws `Overtaken`. */
export async function deliver(outage: Outage, parts: DeliveryParts): Promise<void> {
	let failures = 0;
	for (let turn = outage.turns[0]; turn && !parts.isOver(); turn = outage.turns[0]) {
		try {
			await deliverOne(turn, parts);
			outage.shift();
			failures = 0;
		} catch (error) {
			if (error instanceof Overtaken) throw error;
			const { log, document } = parts;
			if (!turn.attempt) log.warn({ err: error, document }, 'turn is not committed yet');
			turn.attempt = null;
			await pause(parts.clock, delaysMs[failures++] ?? longestDelayMs);
		}
	}
}

/** Waits for the try that is under way; after that sends the same turn again. */
async function deliverOne(turn: PendingTurn, parts: DeliveryParts): Promise<void> {
	const written = await (turn.attempt ?? parts.deciding.again(turn));
	if (written) parts.committed(written.draft, written.place);
	parts.delivered(turn);
}
