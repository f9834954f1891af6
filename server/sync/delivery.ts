import { setTimeout as pause } from 'node:timers/promises';
import type { DocumentId } from '#core/ids.ts';
import type { Logger } from '#server/log.ts';
import type { Database } from '#server/storage/database.ts';
import type { Place } from '#server/storage/documents.ts';
import type { Deciding } from './deciding.ts';
import type { Draft } from './draft.ts';
import type { Outage, PendingTurn } from './outage.ts';

export interface DeliveryParts {
	readonly db: Database;
	readonly log: Logger;
	readonly document: DocumentId;
	readonly deciding: Deciding;
	readonly isOver: () => boolean;
	/** A turn is in the journal now. */
	readonly committed: (draft: Draft, place: Place) => void;
	/** All that people sent in a waiting turn is in the journal. */
	readonly delivered: (turn: PendingTurn) => void;
}

const delaysMs = [50, 100, 200, 500, 1_000];

/** Commits what waits, turn by turn, for as long as it takes. */
export async function deliver(outage: Outage, parts: DeliveryParts): Promise<void> {
	let failures = 0;
	for (let turn = outage.turns[0]; turn && !parts.isOver(); turn = outage.turns[0]) {
		try {
			await deliverOne(turn, parts);
			outage.shift();
			failures = 0;
		} catch (error) {
			const { log, document } = parts;
			if (!turn.attempt) log.warn({ err: error, document }, 'turn is not committed yet');
			turn.attempt = null;
			await pause(delaysMs[Math.min(failures++, delaysMs.length - 1)]);
		}
	}
}

/** Waits for the try that is under way; after that sends the same turn again. */
async function deliverOne(turn: PendingTurn, parts: DeliveryParts): Promise<void> {
	if (turn.attempt) {
		const place = await turn.attempt;
		if (turn.draft) parts.committed(turn.draft, place);
	} else {
		const written = await parts.db.rooms.begin((tx) => parts.deciding.again(tx, turn));
		if (written) parts.committed(written.draft, written.place);
	}
	parts.delivered(turn);
}
