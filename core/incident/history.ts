import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { isUuid, type PersonId } from '../ids.ts';
import {
	areReadOut,
	newColumns,
	readBytes,
	readColumns,
	readExactly,
	writeColumns,
} from './columns.ts';
import { decodeEdits, editKinds, encodeEdits, type Edit } from './turn.ts';
import { UpdateReader, updateColumnNames, UpdateWriter } from './updateColumns.ts';

/**
 * What the chain of heads needs to know of a turn: its nonce (a UUID), and its salt (16 bytes), from
 * which its digest follows: sha256(salt ‖ the journal's bytes). Once something of the turn was removed
 * the salt is gone, so that nobody can guess what it was, and the digest (32 bytes) stands for it.
 */
export type Proof = { readonly nonce: string } & (
	{ readonly salt: Uint8Array } | { readonly salt: null; readonly digest: Uint8Array }
);

/** A committed turn, wherever it is kept. */
export interface HistoryTurn {
	readonly turn: number;
	/** Microseconds since 1970. */
	readonly at: number;
	readonly edits: readonly Edit[];
	/** The journal's bytes, where they cannot be read as edits. */
	readonly unreadable?: Uint8Array;
	/** Left out where turns are only replayed. */
	readonly proof?: Proof;
}

const version = 1;
const names = ['times', 'counts', 'writers', 'numbers', 'arrivals', 'persons', 'proofs'] as const;
const saltLength = 16;
const digestLength = 32;

/** Who sent an edit, from where: said once, then by its place in a list. */
type Writer = Pick<Edit, 'kind' | 'person' | 'conn' | 'client'>;

/**
 * Consecutive turns as bytes, for download, segments and bundles: what is alike lies together, so
 * that it compresses well. The same turns give the same bytes. Without proofs they are much smaller,
 * as salts cannot be compressed. Throws if they are not consecutive.
 */
export function encodeHistory(
	turns: readonly HistoryTurn[],
	{ withProof }: { withProof: boolean },
): Uint8Array {
	const columns = newColumns(names);
	const updates = new UpdateWriter();
	const writers = new Map<string, { index: number; n: number }>();
	const first = turns[0]?.turn ?? 0;
	let last = 0;

	function addEdit(edit: Edit, at: number): void {
		const key = [edit.kind, edit.person, edit.client, edit.conn].join();
		let writer = writers.get(key);
		if (!writer) {
			writer = { index: writers.size, n: 0 };
			writers.set(key, writer);
			writeWriter(columns.persons, edit);
		}
		encoding.writeVarUint(columns.writers, writer.index);
		encoding.writeVarInt(columns.numbers, edit.n - writer.n - 1);
		encoding.writeVarInt(columns.arrivals, Math.floor(at / 1_000) - edit.receivedAt);
		updates.write(edit.bytes, edit.client);
		writer.n = edit.n;
	}

	turns.forEach(({ turn, at, edits, unreadable, proof }, i) => {
		if (turn !== first + i) throw new Error('Turns that are not consecutive.');
		encoding.writeVarInt(columns.times, at - last);
		last = at;
		// 0 stands for bytes that are kept as they are.
		encoding.writeVarUint(columns.counts, unreadable ? 0 : edits.length + 1);
		if (unreadable) encoding.writeVarUint8Array(columns.persons, unreadable);
		else for (const edit of edits) addEdit(edit, at);
		if (withProof) writeProof(columns.proofs, proof);
	});

	return encoding.encode((encoder) => {
		for (const value of [version, withProof ? 1 : 0, turns.length, first]) {
			encoding.writeVarUint(encoder, value);
		}
		writeColumns(encoder, names, columns);
		writeColumns(encoder, updateColumnNames, updates.columns);
	});
}

/** How much of a history is read at most. */
export interface HistoryBounds {
	readonly mostTurns: number;
	readonly mostEdits: number;
}

/**
 * Reads what `encodeHistory` wrote. Throws on anything else, also on bytes that are left over, and on
 * more than the bounds before anything is made of it: a few bytes can say that much follows.
 */
export function decodeHistory(bytes: Uint8Array, bounds?: HistoryBounds): HistoryTurn[] {
	const decoder = decoding.createDecoder(bytes);
	if (decoding.readVarUint(decoder) !== version) throw new Error('A history of unknown version.');
	const withProof = decoding.readVarUint(decoder) === 1;
	const count = decoding.readVarUint(decoder);
	const first = decoding.readVarUint(decoder);
	if (bounds && count > bounds.mostTurns) throw new Error('A history of too many turns.');
	const columns = readColumns(decoder, names);
	const updateColumns = readColumns(decoder, updateColumnNames);
	const updates = new UpdateReader(updateColumns);
	const writers: (Writer & { n: number })[] = [];
	let last = 0;
	let editsLeft = bounds?.mostEdits ?? Infinity;

	function readEdit(at: number): Edit {
		const index = decoding.readVarUint(columns.writers);
		if (index === writers.length) writers.push({ ...readWriter(columns.persons), n: 0 });
		const writer = writers[index];
		if (!writer) throw new Error('An edit of nobody.');
		writer.n += decoding.readVarInt(columns.numbers) + 1;
		const { kind, person, conn, n, client } = writer;
		const receivedAt = Math.floor(at / 1_000) - decoding.readVarInt(columns.arrivals);
		if (n < 0 || receivedAt < 0) throw new Error('An edit that is not well-formed.');
		return { kind, person, conn, n, client, receivedAt, bytes: updates.read(client) };
	}

	const turns: HistoryTurn[] = [];
	for (let i = 0; i < count; i++) {
		const at = last + decoding.readVarInt(columns.times);
		last = at;
		const edits: Edit[] = [];
		const size = decoding.readVarUint(columns.counts);
		editsLeft -= Math.max(0, size - 1);
		if (editsLeft < 0) throw new Error('A history of too many edits.');
		const unreadable = size === 0 ? readBytes(columns.persons) : null;
		for (let left = size - 1; left > 0; left--) edits.push(readEdit(at));
		turns.push({
			turn: first + i,
			at,
			edits,
			...(unreadable ? { unreadable } : {}),
			...(withProof ? { proof: readProof(columns.proofs) } : {}),
		});
	}
	const isReadOut =
		areReadOut(columns) && areReadOut(updateColumns) && !decoding.hasContent(decoder);
	if (!isReadOut) throw new Error('A history with bytes left over.');
	return turns;
}

/** A turn exactly as the journal holds it. */
export function journalBytes({ edits, unreadable }: HistoryTurn): Uint8Array {
	return unreadable ?? encodeEdits(edits);
}

/** A turn's edits from the journal's bytes; bytes that say something else are kept as they are. */
export function editsFrom(bytes: Uint8Array): Pick<HistoryTurn, 'edits' | 'unreadable'> {
	try {
		const edits = decodeEdits(bytes);
		const isExact = isSame(encodeEdits(edits), bytes);
		return isExact ? { edits } : { edits: [], unreadable: bytes };
	} catch {
		return { edits: [], unreadable: bytes };
	}
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
	return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function writeWriter(encoder: encoding.Encoder, { kind, person, conn, client }: Writer): void {
	encoding.writeVarUint(encoder, editKinds.indexOf(kind));
	encoding.writeVarString(encoder, person);
	encoding.writeVarString(encoder, conn);
	encoding.writeVarUint(encoder, client);
}

function readWriter(decoder: decoding.Decoder): Writer {
	const kind = editKinds[decoding.readVarUint(decoder)];
	const person = readText(decoder);
	if (kind === undefined || !isUuid(person)) throw new Error('An edit that is not well-formed.');
	const conn = readText(decoder);
	return { kind, person: person as PersonId, conn, client: decoding.readVarUint(decoder) };
}

function readText(decoder: decoding.Decoder): string {
	return new TextDecoder('utf-8', { fatal: true }).decode(readBytes(decoder));
}

/** A digest follows from its salt; it is written where that is gone. */
function writeProof(encoder: encoding.Encoder, proof: Proof | undefined): void {
	if (!proof) throw new Error('A turn without its proof.');
	encoding.writeUint8Array(encoder, bytesOfUuid(proof.nonce));
	encoding.writeUint8(encoder, proof.salt ? 1 : 0);
	encoding.writeUint8Array(encoder, proof.salt === null ? proof.digest : proof.salt);
}

function readProof(decoder: decoding.Decoder): Proof {
	const nonce = uuidOf(readExactly(decoder, saltLength));
	if (decoding.readUint8(decoder) === 0) {
		return { nonce, salt: null, digest: readExactly(decoder, digestLength) };
	}
	return { nonce, salt: readExactly(decoder, saltLength) };
}

function bytesOfUuid(uuid: string): Uint8Array {
	const digits = uuid.replaceAll('-', '');
	return Uint8Array.from({ length: saltLength }, (_, i) =>
		Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16),
	);
}

function uuidOf(bytes: Uint8Array): string {
	const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
	return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
