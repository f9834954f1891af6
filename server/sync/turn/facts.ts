import { randomInt } from 'node:crypto';
import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import type { EntryId, PersonId } from '#core/ids.ts';
import { createDocument, notesOf, recordOf } from '#core/incident/document.ts';
import { writeEntry, type NewEntry } from '#core/incident/entries.ts';
import type { Fact } from '#core/incident/record.ts';
import type { Edit } from '#core/incident/turn.ts';

/** A Yjs client id for something that the server writes itself. */
export function newClientId(): number {
	return randomInt(1, 2 ** 32);
}

/** The last item of the record: what a further fact is appended to. */
export function endOfRecord(doc: Y.Doc): Y.ID | null {
	const record = recordOf(doc);
	return Y.createRelativePositionFromTypeIndex(record, record.length, -1).item;
}

/**
 * Facts as a Yjs V1 update beside the document: one item that appends them to the record.
 * They may enter a document only once they are committed; a clock that is used twice splits it.
 */
export function encodeFacts(
	facts: readonly Fact[],
	place: { client: number; clock: number; after: Y.ID | null },
): Uint8Array {
	const contentAny = 8;
	const hasOrigin = 0x80;
	const encoder = encoding.createEncoder();
	encoding.writeVarUint(encoder, 1); // one client
	encoding.writeVarUint(encoder, 1); // one struct
	encoding.writeVarUint(encoder, place.client);
	encoding.writeVarUint(encoder, place.clock);
	encoding.writeUint8(encoder, contentAny | (place.after ? hasOrigin : 0));
	if (place.after) {
		encoding.writeVarUint(encoder, place.after.client);
		encoding.writeVarUint(encoder, place.after.clock);
	} else {
		encoding.writeVarUint(encoder, 1); // the parent is a root
		encoding.writeVarString(encoder, 'record');
	}
	encoding.writeVarUint(encoder, facts.length);
	for (const fact of facts) encoding.writeAny(encoder, plain(fact));
	encoding.writeVarUint(encoder, 0); // nothing deleted
	return encoding.toUint8Array(encoder);
}

/** As lib0 takes it, which knows no lists that may only be read. */
function plain(fact: Fact): encoding.AnyEncodable {
	return { ...fact } as Readonly<Record<string, unknown>> as encoding.AnyEncodable;
}

/** An entry as a Yjs V1 update beside the document, under a client of the server's from this clock on. */
export function encodeEntry(
	id: EntryId,
	entry: NewEntry,
	place: { client: number; clock: number },
): Uint8Array {
	const beside = createDocument('follower');
	if (place.clock > 0) Y.applyUpdate(beside, collected(place.client, place.clock));
	beside.clientID = place.client;
	// What this writes, not the state: that counts the collected structs as deleted.
	const updates: Uint8Array[] = [];
	beside.on('update', (update: Uint8Array) => updates.push(update));
	writeEntry(beside, id, entry);
	beside.destroy();
	return Y.mergeUpdates(updates);
}

/** An update that says: this client's first structs are gone, so that the next ones count from there. */
function collected(client: number, length: number): Uint8Array {
	const encoder = encoding.createEncoder();
	for (const part of [1, 1, client, 0]) encoding.writeVarUint(encoder, part);
	encoding.writeUint8(encoder, 0); // a GC struct
	encoding.writeVarUint(encoder, length);
	encoding.writeVarUint(encoder, 0);
	return encoding.toUint8Array(encoder);
}

/** Where an edit comes from that the server writes for somebody (`now` in epoch ms): no connection sent it. */
export function originOf(
	person: PersonId,
	now: number,
): Pick<Edit, 'person' | 'conn' | 'n' | 'receivedAt'> {
	return { person, conn: '', n: 0, receivedAt: now };
}

/** An entry that is made together with its incident. */
export interface SeedEntry {
	readonly id: EntryId;
	readonly entry: NewEntry;
}

/** The content of an incident's first turn: one empty paragraph of notes, and what it is imported with. */
export function seedRoom(doc: Y.Doc, entries: readonly SeedEntry[] = []): void {
	notesOf(doc).insert(0, [emptyParagraph()]);
	for (const { id, entry } of entries) writeEntry(doc, id, entry);
}

/** The edits of a document's first turn: its facts, and what `write` writes into it. */
export function seedEdits(seed: {
	facts: readonly Fact[];
	write: (doc: Y.Doc) => void;
	person: PersonId;
	receivedAt: number;
}): Edit[] {
	const origin = { ...originOf(seed.person, seed.receivedAt), kind: 'seed' } as const;
	const factsClient = newClientId();
	const content = createDocument('follower');
	content.clientID = newClientId();
	content.transact(() => seed.write(content));
	const bytes = Y.encodeStateAsUpdate(content);
	content.destroy();
	return [
		{
			...origin,
			client: factsClient,
			bytes: encodeFacts(seed.facts, { client: factsClient, clock: 0, after: null }),
		},
		{ ...origin, client: content.clientID, bytes },
	];
}

/** With the text in it: two who begin to type at the same moment would each bring one of their own. */
function emptyParagraph(): Y.XmlElement {
	const paragraph = new Y.XmlElement('paragraph');
	paragraph.insert(0, [new Y.XmlText()]);
	return paragraph;
}
