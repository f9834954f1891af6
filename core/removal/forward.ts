import * as Y from 'yjs';
import { entriesOf, findingsOf, recordOf } from '../incident/document.ts';
import type { Found } from './removal.ts';
import { deletingUpdate, goneOf, type Gone } from './rewrite.ts';

/** Client ids that nobody used: whoever writes facts writes nothing that people may change. */
export interface RemovingClients {
	readonly facts: number;
	readonly content: number;
}

/**
 * The change that takes what was found out of a document as it is now, so that every copy drops it:
 * a Yjs V1 update under these client ids, null if nothing of it is there. The document is changed by
 * it. A replaced fact stands where the one before it stood.
 */
export function removingUpdate(
	doc: Y.Doc,
	found: Pick<Found, 'spans' | 'values'>,
	clients: RemovingClients,
): Uint8Array | null {
	const updates: Uint8Array[] = [];
	const keep = (update: Uint8Array): void => void updates.push(update);
	const known = found.spans.flatMap((span) => {
		const length = Math.min(span.length, Y.getState(doc.store, span.client) - span.clock);
		return length > 0 ? [{ ...span, length }] : [];
	});
	const before = doc.clientID;
	doc.on('update', keep);
	doc.transact(() => {
		if (known.length > 0) Y.applyUpdate(doc, deletingUpdate(known));
		const gone = goneOf(found);
		doc.clientID = clients.facts;
		replaceFacts(recordOf(doc), gone);
		doc.clientID = clients.content;
		for (const fields of [...entriesOf(doc).values(), ...findingsOf(doc).values()]) {
			if (fields instanceof Y.Map) replaceFields(fields as Y.Map<unknown>, gone);
		}
	});
	doc.off('update', keep);
	doc.clientID = before;
	return updates.length === 0 ? null : Y.mergeUpdates(updates);
}

function replaceFacts(record: Y.Array<unknown>, gone: Gone): void {
	let index = 0;
	const replaced: { index: number; value: unknown }[] = [];
	for (let item = record._start; item; item = item.right) {
		if (item.deleted || !item.countable) continue;
		for (let i = 0; i < item.length; i++, index++) {
			const other = gone.values.get(`${item.id.client}.${item.id.clock + i}`);
			if (other) replaced.push({ index, value: other.value });
		}
	}
	for (const { index: at, value } of replaced) {
		record.delete(at, 1);
		record.insert(at, [value]);
	}
}

function replaceFields(fields: Y.Map<unknown>, gone: Gone): void {
	for (const [name, { id, deleted }] of fields._map) {
		const other = deleted ? undefined : gone.values.get(`${id.client}.${id.clock}`);
		if (other) fields.set(name, other.value);
	}
}
