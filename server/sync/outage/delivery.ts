import type { DocumentId } from '#core/ids.ts';
import { limits } from '#server/limits.ts';
import type { Logger } from '#server/log.ts';
import type { Place } from '#server/storage/documents.ts';
import { inTime, pause, within, type Clock } from '../clock.ts';
import { Overtaken } from '../nodes/clash.ts';
import type { Deciding } from '../turn/deciding.ts';
import type { Draft } from '../turn/draft.ts';
import type { PendingTurn, Written } from '../turn/pending.ts';
import type { Outage } from './outage.ts';

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

/** Commits what waits, in order, for as long as it takes. Throws `Overtaken`. */
export async function deliver(outage: Outage, parts: DeliveryParts): Promise<void> {
	let failures = 0;
	while (outage.turns.length > 0 && !parts.isOver()) {
		try {
			await deliverSome(outage, parts);
			failures = 0;
		} catch (error) {
			if (error instanceof Overtaken) throw error;
			const { log, document } = parts;
			log.warn({ err: error, document }, 'turn is not committed yet');
			await pause(parts.clock, delaysMs[failures++] ?? longestDelayMs);
		}
	}
}

/** Waits for the try that is under way, for a while; after that sends the same turns again. */
async function deliverSome(outage: Outage, parts: DeliveryParts): Promise<void> {
	const [first] = outage.turns;
	if (!first) return;
	const underWay = first.attempt?.then((written) => ({ written }));
	first.attempt = null;
	const tried = underWay && (await inTime(parts.clock, limits.unclearMs, underWay));
	const done = tried ? [tried.written] : await sendAgain(outage, parts);
	for (const written of done) {
		const turn = outage.turns[0];
		if (written) parts.committed(written.draft, written.place);
		if (turn) parts.delivered(turn);
		outage.shift();
	}
}

/** Not for ever: the store may have forgotten the connection. A try that succeeds late is the same turns. */
function sendAgain(
	outage: Outage,
	{ clock, deciding }: DeliveryParts,
): Promise<readonly (Written | null)[]> {
	const turns = outage.turns.slice(0, limits.deliveredTurns);
	return within(clock, limits.unclearMs, deciding.again(turns));
}
