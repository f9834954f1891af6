import type { Sql, TransactionSql } from 'postgres';
import type { DocumentId } from '#core/ids.ts';
import { nextCheckpoint } from '#server/storage/checkpoints.ts';
import { readHead } from '#server/storage/documents.ts';
import { readHistory } from '#server/storage/history.ts';
import { readPassed } from '#server/storage/removals.ts';
import { nextSnapshot } from '#server/storage/snapshots.ts';
import type { KnownHead } from './knownHeads.ts';
import type { KeptState } from './replayed.ts';
import { verifyHistory, type Verdict } from './verify.ts';

/**
 * Verifies a document as it is in the store at one moment, whatever is written meanwhile; null if there
 * is no such document.
 */
export async function verifyStored(
	sql: Sql,
	document: DocumentId,
	known: readonly KnownHead[],
): Promise<Verdict | null> {
	return sql.begin('isolation level repeatable read read only', async (tx) => {
		// Making the document may take longer than a transaction may be idle.
		await tx`set local idle_in_transaction_session_timeout = 0`;
		const end = await readHead(tx, document);
		if (!end) return null;
		return verifyHistory({
			...{ document, end, known },
			passed: await readPassed(tx, document),
			turns: readHistory(tx, document, 0),
			states: keptStates(tx, document),
		});
	});
}

/** Checkpoints and snapshots of a document in the order of their turns, one in memory at a time. */
async function* keptStates(tx: TransactionSql, document: DocumentId): AsyncGenerator<KeptState> {
	let checkpoint = await nextCheckpoint(tx, document, 0);
	let snapshot = await nextSnapshot(tx, document, 0);
	while (checkpoint || snapshot) {
		if (checkpoint && (!snapshot || checkpoint.turn <= snapshot.turn)) {
			yield { kind: 'checkpoint', ...checkpoint };
			checkpoint = await nextCheckpoint(tx, document, checkpoint.turn);
		} else if (snapshot) {
			yield { kind: 'snapshot', ...snapshot };
			snapshot = await nextSnapshot(tx, document, snapshot.turn);
		}
	}
}
