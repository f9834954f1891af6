import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { isUuid, type PersonId } from '../ids.ts';

export const editKinds = ['edit', 'facts', 'seed', 'late', 'restore'] as const;
export type EditKind = (typeof editKinds)[number];

/** One update inside a turn, with its provenance. */
export interface Edit {
	readonly kind: EditKind;
	readonly person: PersonId;
	/** Names the connection within the server's life; empty for what the server made itself. */
	readonly conn: string;
	/** The connection's running number of this message, 0 if none. */
	readonly n: number;
	/** The Yjs client id that wrote it (the first in the update). */
	readonly client: number;
	/** When the server received it, epoch ms. */
	readonly receivedAt: number;
	/** The gated update as received, Yjs V1. */
	readonly bytes: Uint8Array;
}

const version = 1;

/** A turn's edits as the journal holds them: a version, a count, the edits. */
export function encodeEdits(edits: readonly Edit[]): Uint8Array {
	return encoding.encode((encoder) => {
		encoding.writeVarUint(encoder, version);
		encoding.writeVarUint(encoder, edits.length);
		for (const edit of edits) {
			encoding.writeVarUint(encoder, editKinds.indexOf(edit.kind));
			encoding.writeVarString(encoder, edit.person);
			encoding.writeVarString(encoder, edit.conn);
			encoding.writeVarUint(encoder, edit.n);
			encoding.writeVarUint(encoder, edit.client);
			encoding.writeVarUint(encoder, edit.receivedAt);
			encoding.writeVarUint8Array(encoder, edit.bytes);
		}
	});
}

/** Reads what `encodeEdits` wrote. Throws on anything else, also on bytes that are left over. */
export function decodeEdits(bytes: Uint8Array): Edit[] {
	const decoder = decoding.createDecoder(bytes);
	if (decoding.readVarUint(decoder) !== version) throw new Error('A turn of an unknown version.');
	const count = decoding.readVarUint(decoder);
	const edits: Edit[] = [];
	for (let i = 0; i < count; i++) edits.push(decodeEdit(decoder));
	if (decoding.hasContent(decoder)) throw new Error('A turn with bytes left over.');
	return edits;
}

function decodeEdit(decoder: decoding.Decoder): Edit {
	const kind = editKinds[decoding.readVarUint(decoder)];
	const person = decoding.readVarString(decoder);
	if (kind === undefined || !isUuid(person)) throw new Error('A turn that is not well-formed.');
	return {
		kind,
		person: person as PersonId,
		conn: decoding.readVarString(decoder),
		n: decoding.readVarUint(decoder),
		client: decoding.readVarUint(decoder),
		receivedAt: decoding.readVarUint(decoder),
		bytes: readBytes(decoder),
	};
}

/** lib0 takes a length at its word; this one must fit what is there. */
function readBytes(decoder: decoding.Decoder): Uint8Array {
	const length = decoding.readVarUint(decoder);
	if (length > decoder.arr.length - decoder.pos) throw new Error('A turn that ends too early.');
	return decoding.readUint8Array(decoder, length);
}
