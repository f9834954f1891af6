import * as Y from 'yjs';
import { expect } from 'vitest';
import { recordOf } from '#core/incident/document.ts';
import type { Incident } from '#core/incident/reading.ts';
import { findMisheard } from './caller.ts';
import { contentOf } from './content.ts';
import { labelsIn } from './edits.ts';
import { historyOf, readingOf, type TestRoom } from './room.ts';
import type { Typist } from './typist.ts';

// What all fault tests claim, over what everybody in the room has logged: what was acknowledged is
// there, what somebody else has seen is there, nothing is there twice, the order that was shown stays,
// and journal, checkpoint, room and every client say the same, marks included.

/** What a document lacks of what people were promised, as sentences: none is the promise. */
export function findBroken(doc: Y.Doc, room: TestRoom): string[] {
	const snapshot = Y.snapshot(doc);
	const has = (update: Uint8Array) => Y.snapshotContainsUpdate(snapshot, update);
	const record = recordOf(doc).toJSON();
	return [
		...findLost(doc, room.typists),
		...findUnseen(doc, room),
		...findMisheard(doc, room.callers),
		...room.typists.flatMap(({ name, peer }) => [
			...countOf(peer.ackedUpdates, has, `${name}’s acknowledged updates are not all there`),
			...countOf(peer.shownUpdates, has, `updates that ${name} was shown are not all there`),
			...(isBeginning(recordOf(peer.doc).toJSON(), record) ? [] : [`${name} read other facts`]),
		]),
	];
}

/** After a fault: whoever comes now finds what was acknowledged or seen by another, once. */
export async function expectKept(room: TestRoom): Promise<void> {
	using reader = await room.newReader();
	expect(findBroken(reader.doc, room)).toEqual([]);
}

/**
 * When all is over and nobody types any more: all that anybody ever wrote is there, once, and all
 * copies are the same, in the journal as in the newest checkpoint.
 */
export async function expectWhole(
	room: TestRoom,
	store: { url: string } | { dataDir: string },
): Promise<Incident> {
	using reader = await room.newReader();
	const reading = await room.agree(reader.doc);
	expect(findLost(reader.doc, room.typists, true)).toEqual([]);
	expect(findBroken(reader.doc, room)).toEqual([]);
	expect(reading.timeline.filter(({ recordedAt }) => recordedAt === null)).toEqual([]);
	const copies = { reader: reader.doc, ...clientsOf(room) };
	if (!('url' in store)) await room.muster.stop(); // only one may hold the directory
	const { faults, doc, fromCheckpoint } = await historyOf(room.incident, store);
	expect(faults).toEqual([]);
	expect(readingOf(doc)).toEqual(reading);
	expectSame({ journal: doc, ...copies, ...(fromCheckpoint && { checkpoint: fromCheckpoint }) });
	return reading;
}

/** Documents with the same structs, the same deletions, and the same content, marks included. */
function expectSame(docs: Readonly<Record<string, Y.Doc>>): void {
	const [first] = Object.values(docs);
	if (!first) return;
	for (const [name, doc] of Object.entries(docs)) {
		expect({ name, content: contentOf(doc) }).toEqual({ name, content: contentOf(first) });
		const isSame = Y.equalSnapshots(Y.snapshot(doc), Y.snapshot(first));
		expect({ name, isSame, waits: doc.store.pendingStructs }).toEqual({
			name,
			isSame: true,
			waits: null,
		});
	}
}

function clientsOf({ typists }: TestRoom): Record<string, Y.Doc> {
	return Object.fromEntries(typists.map(({ name, peer }) => [name, peer.doc]));
}

/**
 * The acknowledged edits that a document does not hold exactly once, as sentences. With `all`, what
 * was never acknowledged must be there too.
 */
export function findLost(doc: Y.Doc, typists: readonly Typist[], all = false): string[] {
	const counts = labelsIn(doc);
	return typists.flatMap(({ peer, written, erasedBy }) => {
		const isSafe = (label: string | undefined) =>
			label !== undefined && (all || peer.acked.has(label));
		return written.flatMap((label) => {
			const count = counts.get(label) ?? 0;
			const eraser = erasedBy.get(label);
			if (count > 1) return [`${label} is there ${count} times`];
			if (isSafe(eraser) && count === 1) return [`${label} is back, though ${eraser} erased it`];
			if (isSafe(label) && eraser === undefined && count === 0) return [`${label} is lost`];
			return [];
		});
	});
}

/** What others wrote and somebody has on the screen, nobody has erased, and is not there. */
function findUnseen(doc: Y.Doc, room: TestRoom): string[] {
	const kept = labelsIn(doc);
	const lost = room.seen().filter((label) => !kept.has(label));
	return lost.map((label) => `${label} was seen and is lost`);
}

function countOf(
	updates: readonly Uint8Array[],
	has: (update: Uint8Array) => boolean,
	sentence: string,
): string[] {
	const lacking = updates.filter((update) => !has(update)).length;
	return lacking > 0 ? [`${sentence}: ${lacking} of ${updates.length}`] : [];
}

/** Whether a list of facts is how another one begins. */
function isBeginning(shorter: readonly unknown[], longer: readonly unknown[]): boolean {
	return JSON.stringify(shorter) === JSON.stringify(longer.slice(0, shorter.length));
}
