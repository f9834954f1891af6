import * as Y from 'yjs';
import type { DocumentId } from '#core/ids.ts';
import { HotDocument } from './hot.ts';
import { readLeftovers } from './leftovers.ts';
import { Room } from './room.ts';
import type { RoomParts } from './turns.ts';

/**
 * Opens a document's room: the newest checkpoint, the turns after it, then what an earlier run
 * showed but could not save. Null if there is no such document; a failed load leaves nothing behind.
 */
export async function loadRoom(
	parts: RoomParts,
	document: DocumentId,
	onEnd: (room: Room) => void,
): Promise<Room | null> {
	const { journal } = parts;
	if (!(await journal.placeOf(document))) return null;
	const hot = new HotDocument(await journal.clientsOf(document));
	const checkpoint = await journal.newestCheckpoint(document);
	if (checkpoint) {
		hot.change(() => Y.applyUpdateV2(hot.doc, checkpoint.state));
		hot.turn = checkpoint.turn;
	}
	const updates: Uint8Array[] = [];
	for await (const row of journal.turnsAfter(document, hot.turn)) {
		updates.push(...row.edits.map(({ bytes }) => bytes));
		hot.turn = row.turn;
	}
	hot.apply(updates);
	const outage = await readLeftovers(parts, document, hot);
	const room: Room = new Room(parts, { document, hot, outage, onEnd: () => onEnd(room) });
	return room;
}
