import { createHash } from 'node:crypto';
import * as Y from 'yjs';
import type { DocumentKind } from '#core/ids.ts';
import { readIncident } from '#core/incident/reading.ts';
import { readRetro } from '#core/retro/reading.ts';
import type { Snapshot } from '#server/storage/snapshots.ts';
import { canonicalJson } from './storable.ts';

/**
 * The final state of a document after a turn. People stand in it by their ids, as in the document,
 * so that it can be derived from the journal again and again, whoever is renamed meanwhile.
 */
export function makeSnapshot(
	doc: Y.Doc,
	place: { readonly turn: number; readonly head: Uint8Array },
	kind: DocumentKind,
): Snapshot {
	const state = Y.encodeStateAsUpdateV2(doc);
	const reading = canonicalJson(readingOf(doc, kind));
	return { ...place, state, reading, sha256: digestOf(state, reading) };
}

function readingOf(doc: Y.Doc, kind: DocumentKind): object {
	return kind === 'room' ? readIncident(doc, (person) => person) : readRetro(doc);
}

/** Whether a snapshot is as it was made. */
export function isIntact({ state, reading, sha256 }: Snapshot): boolean {
	return digestOf(state, reading).equals(sha256);
}

function digestOf(state: Uint8Array, reading: string): Buffer {
	return createHash('sha256').update(state).update(reading).digest();
}
