import * as encoding from 'lib0/encoding';
import type { Sql } from 'postgres';
import type { DocumentId } from '#core/ids.ts';
import { encodeEdits } from '#core/incident/turn.ts';
import { appendTurn, type Place } from '#server/storage/documents.ts';
import { newTurn } from '#server/sync/journal.ts';
import { ada } from './record.ts';

const gc = 0;
const contentString = 4;
const contentAny = 8;
const rootParent = 1;

/** An update that ends in the middle of a struct. */
export function brokenUpdate(): Uint8Array {
	return encoding.encode((encoder) => {
		for (const part of [1, 2, 77, 0, contentString, rootParent]) {
			encoding.writeVarUint(encoder, part);
		}
		encoding.writeVarString(encoder, 'notes');
	});
}

/** An update that builds on something that nobody has. */
export function looseUpdate(): Uint8Array {
	return encoding.encode((encoder) => {
		for (const part of [1, 1, 77, 5, contentString, rootParent]) {
			encoding.writeVarUint(encoder, part);
		}
		encoding.writeVarString(encoder, 'impact');
		encoding.writeVarString(encoder, 'x');
		encoding.writeVarUint(encoder, 0);
	});
}

/** Updates that are well-formed and take many seconds: so many who write at the same place at once. */
export function slowUpdates(writers = 40_000): readonly Uint8Array[] {
	return Array.from({ length: writers }, (_, i) =>
		encoding.encode((encoder) => {
			// Each is to be put behind all that are there.
			for (const part of [1, 1, i + 1, 0, contentString, rootParent]) {
				encoding.writeVarUint(encoder, part);
			}
			encoding.writeVarString(encoder, 'impact');
			encoding.writeVarString(encoder, 'x');
			encoding.writeVarUint(encoder, 0);
		}),
	);
}

/** An update that is well-formed and becomes thirty times as large in memory. */
export function hugeUpdate(objects = 9_000_000): Uint8Array {
	const head = encoding.encode((encoder) => {
		for (const part of [1, 1, 77, 0, contentAny, rootParent]) encoding.writeVarUint(encoder, part);
		encoding.writeVarString(encoder, 'impact');
		encoding.writeVarUint(encoder, objects);
	});
	const emptyObject = [118, 0];
	const bytes = new Uint8Array(head.length + emptyObject.length * objects + 1);
	bytes.set(head);
	for (let i = head.length; i < bytes.length - 1; i += 2) bytes.set(emptyObject, i);
	return bytes;
}

/** A state (Yjs V2) of a few bytes that claims millions of structs. */
export function endlessState(structs = 2 ** 28): Uint8Array {
	const column = (write: (encoder: encoding.Encoder) => void) => encoding.encode(write);
	const empty = new Uint8Array();
	const one = new encoding.UintOptRleEncoder();
	one.write(1);
	const columns = [
		column((encoder) => encoding.writeVarUint(encoder, 0)), // feature flags, without a length
		...[empty, one.toUint8Array(), empty, empty],
		column((encoder) => encoding.writeUint8(encoder, gc)), // the same for ever
		...[Uint8Array.of(0), empty, empty],
		column((encoder) => {
			encoding.writeVarInt(encoder, -1);
			encoding.writeVarUint(encoder, structs);
		}),
	];
	return encoding.encode((encoder) => {
		const [flags = empty, ...rest] = columns;
		encoding.writeUint8Array(encoder, flags);
		for (const bytes of rest) encoding.writeVarUint8Array(encoder, bytes);
		for (const part of [1, structs, 0]) encoding.writeVarUint(encoder, part);
		encoding.writeVarUint(encoder, 0);
	});
}

/** Writes a turn of updates that no gate has seen. */
export function poison(
	sql: Sql,
	document: DocumentId,
	...updates: readonly Uint8Array[]
): Promise<Place> {
	const origin = { person: ada, conn: '', n: 0, client: 77, receivedAt: 0 };
	const edits = updates.map((bytes) => ({ ...origin, kind: 'edit' as const, bytes }));
	return appendTurn(sql, document, newTurn(edits));
}

/** Writes a turn whose bytes are none of ours. */
export function scribble(sql: Sql, document: DocumentId): Promise<Place> {
	const edits = encodeEdits([]);
	return appendTurn(sql, document, { ...newTurn([]), edits: Uint8Array.of(...edits, 1, 2, 3) });
}
