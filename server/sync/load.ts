import * as Y from 'yjs';
import type { DocumentId } from '#core/ids.ts';
import type { Backlog } from './backlog.ts';
import { HotDocument } from './hot.ts';
import { clientsOf, Outage, pendingTurn } from './outage.ts';
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
	const outage = await readUnsaved(parts, document, hot);
	const room: Room = new Room(parts, { document, hot, outage, onEnd: () => onEnd(room) });
	return room;
}

/** Backlog files become an outage that is about to end; what no longer fits is kept aside. */
async function readUnsaved(
	parts: RoomParts,
	document: DocumentId,
	hot: HotDocument,
): Promise<Outage | null> {
	const files = (await parts.backlogs.find()).get(document) ?? [];
	const [first, ...others] = files;
	if (!first) return null;
	const outage = new Outage(parts.clock, first, others);
	for (const file of files) await takeUnsaved(parts, { document, hot, outage, file });
	return outage;
}

async function takeUnsaved(
	parts: RoomParts,
	into: { document: DocumentId; hot: HotDocument; outage: Outage; file: Backlog },
): Promise<void> {
	const { document, hot, outage, file } = into;
	for (const { nonce, parts: edits } of await file.read()) {
		if (await parts.journal.find(document, nonce)) continue;
		try {
			hot.apply(edits.map(({ bytes }) => bytes));
		} catch (error) {
			parts.log.error({ err: error, document, file: file.name }, 'unsaved turns are set aside');
			await file.setAside();
			throw error;
		}
		for (const [client, person] of clientsOf(edits)) hot.clients.set(client, person);
		outage.addKept(pendingTurn({ nonce, parts: edits }));
	}
}
