import { randomUUID } from 'node:crypto';
import type { PersonId } from '#core/ids.ts';
import { createDocument } from '#core/incident/document.ts';
import type { HistoryTurn } from '#core/incident/history.ts';
import type { Edit } from '#core/incident/turn.ts';
import { editAtRandom } from './randomEdits.ts';
import { oneOf } from './random.ts';

const began = Date.UTC(2026, 10, 24, 2, 0) * 1_000;

/** Turns in which three people edit one document at random, each with a proof. */
export function writeHistory(count: number, random: () => number): HistoryTurn[] {
	const doc = createDocument('editing');
	const writers = [11, 2 ** 31 + 7, 2 ** 32 - 5].map((client, i) => ({
		client,
		conn: `conn-${i}`,
		person: randomUUID() as PersonId,
		n: 0,
	}));
	let updates: Uint8Array[] = [];
	doc.on('update', (update: Uint8Array) => updates.push(update));
	return Array.from({ length: count }, (_, i) => {
		const at = began + i * 250_000 + Math.floor(random() * 200_000);
		const edits: Edit[] = [];
		while (edits.length === 0 || random() < 0.3) {
			const writer = oneOf(writers as [(typeof writers)[0]], random);
			doc.clientID = writer.client;
			updates = [];
			editAtRandom(doc, random);
			for (const bytes of updates) {
				writer.n += 1;
				const receivedAt = Math.floor(at / 1_000) - Math.floor(random() * 5);
				edits.push({ ...writer, kind: 'edit', receivedAt, bytes });
			}
		}
		const salt = Uint8Array.from({ length: 16 }, () => Math.floor(random() * 256));
		return { turn: i + 1, at, edits, proof: { nonce: randomUUID(), salt } };
	});
}
