import { randomUUID } from 'node:crypto';
import { encodeEdits, type Edit } from '#core/incident/turn.ts';
import type { NewTurn } from '#server/storage/documents.ts';

/** A turn ready for the journal, under a nonce of its own: sent again, it is the same turn. */
export function newTurn(edits: readonly Edit[], nonce: string = randomUUID()): NewTurn {
	return { nonce, edits: encodeEdits(edits) };
}
