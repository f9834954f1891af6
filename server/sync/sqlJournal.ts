import type { Sql } from 'postgres';
import type { DocumentId } from '#core/ids.ts';
import { bindClients, readClients, readOwners } from '#server/storage/clients.ts';
import {
	appendTurn,
	appendTurnAfter,
	lockDocument,
	readTurnNumbers,
} from '#server/storage/documents.ts';
import { readTurns } from '#server/storage/history.ts';
import { findNonces, findTurn } from '#server/storage/places.ts';
import type { Journal } from './journal.ts';

/** The journal in PostgreSQL. Whoever decides holds the lock of the document's row. */
export function sqlJournal(sql: Sql): Journal {
	return {
		clientsOf: (document) => readClients(sql, document),
		turnsAfter: (document, turn) => readTurns(sql, document, turn),
		find: (document, nonce) => findTurn(sql, document, nonce),
		turnsOf: (documents) => readTurnNumbers(sql, documents),
		append: (document, turn, after) => appendTurnAfter(sql, document, { ...turn, after }),
		decide: <T>(document: DocumentId, work: Parameters<Journal['decide']>[1]) =>
			sql.begin(async (tx) => {
				const place = await lockDocument(tx, document);
				return work({
					place,
					ownersOf: (clients) => readOwners(tx, document, clients),
					turnsAfter: (turn) => readTurns(tx, document, turn),
					known: (nonces) => findNonces(tx, document, nonces),
					async append(turns, { bindings, isSealed }) {
						await bindClients(tx, document, bindings);
						// One connection sends them in their order, and does not wait in between.
						return Promise.all(
							turns.map((turn) => appendTurn(tx, document, { ...turn, at: place.at, isSealed })),
						);
					},
				});
			}) as Promise<T>,
	};
}
