import * as Y from 'yjs';
import { kindOf, type DocumentId } from '#core/ids.ts';
import { Refusal } from '#core/refusal.ts';
import { HotDocument } from './hot.ts';
import { readLeftovers } from './outage/leftovers.ts';
import { Room } from './room.ts';
import type { RoomParts } from './roomParts.ts';

/**
 * Opens a document's room: what it is made of, then what an earlier run showed but could not save.
 * Null if there is no such document; a failed load leaves nothing behind.
 */
export async function loadRoom(
	parts: RoomParts,
	document: DocumentId,
	onEnd: (room: Room) => void,
): Promise<Room | null> {
	const opened = await parts.open(document);
	if (!opened) return null;
	const { state, turns, turn, quarantine } = opened;
	if (quarantine && !state && turns.length === 0) {
		throw new Refusal('unavailable', 'Nothing of this incident can be opened.');
	}
	const nameOf = await parts.namesIn(document);
	const hot = new HotDocument(await parts.journal.clientsOf(document), kindOf(document));
	if (state) hot.change(() => Y.applyUpdateV2(hot.doc, state));
	hot.apply(turns.flat());
	hot.turn = turn;
	const outage = quarantine ? null : await readLeftovers(parts, document, hot);
	const loaded = { document, hot, outage, quarantine, onEnd: () => onEnd(room) };
	const room: Room = new Room({ ...parts, nameOf }, loaded);
	return room;
}
