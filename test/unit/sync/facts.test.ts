import * as Y from 'yjs';
import { expect, test } from 'vitest';
import type { EntryId } from '#core/ids.ts';
import { createDocument } from '#core/incident/document.ts';
import { readEntries } from '#core/incident/entries.ts';
import { encodeEntry } from '#server/sync/turn/facts.ts';

const ids = [
	'01M88FC5RS6CTDR55Z4V56KGZA',
	'01M88FC5RS6CTDR55Z4V56KGZB',
	'01M88FC5RS6CTDR55Z4V56KGZC',
] as EntryId[];

test('entries that the server writes one after the other are all there', () => {
	const doc = createDocument('follower');
	const client = 77;
	for (const id of ids) {
		const entry = { kind: 'note', text: `entry ${id}`, occurredAt: 1_000 };
		const clock = Y.getState(doc.store, client);
		Y.applyUpdate(doc, encodeEntry(id, entry, { client, clock }));
	}
	expect(readEntries(doc)).toMatchObject(ids.map((id) => ({ id, text: `entry ${id}` })));
});

test('an entry that the server writes deletes nothing', () => {
	const entry = { kind: 'note', text: 'hello', occurredAt: 1_000 };
	const update = encodeEntry(ids[0] as EntryId, entry, { client: 77, clock: 1_000 });
	expect(Y.decodeUpdate(update).ds.clients.size).toBe(0);
	expect(Y.parseUpdateMeta(update).from).toEqual(new Map([[77, 1_000]]));
});
