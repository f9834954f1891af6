import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { ISql, TransactionSql } from 'postgres';
import {
	decodeHistory,
	encodeHistory,
	type HistoryTurn,
	type Proof,
} from '#core/incident/history.ts';
import type { DocumentId } from '#core/ids.ts';
import { limits } from '#server/limits.ts';

/** A turn with what the chain needs to know of it. */
export type ProvenTurn = HistoryTurn & { readonly proof: Proof };

/** Many turns of a document in one row. */
export interface Segment {
	readonly from: number;
	readonly to: number;
	/** The instant of its first turn, in microseconds since 1970. */
	readonly at: number;
	/** The chain's head before its first turn. */
	readonly headBefore: Uint8Array;
	readonly nonces: readonly string[];
	readonly bytes: Uint8Array;
	readonly sha256: Uint8Array;
}

/** Makes a segment of consecutive turns that follow this head. */
export async function packSegment(
	turns: readonly ProvenTurn[],
	headBefore: Uint8Array,
): Promise<Segment> {
	const [first, last] = [turns.at(0), turns.at(-1)];
	if (!first || !last) throw new Error('A segment of no turns.');
	const nonces = turns.map(({ proof }) => proof.nonce);
	const packed = await packTurns(turns);
	return { from: first.turn, to: last.turn, at: first.at, headBefore, nonces, ...packed };
}

async function packTurns(turns: readonly ProvenTurn[]): Promise<Pick<Segment, 'bytes' | 'sha256'>> {
	const bytes = await promisify(gzip)(encodeHistory(turns, { withProof: true }));
	return { bytes, sha256: sha256Of(bytes) };
}

/** The turns of a segment; null if anything of it is not as it was made. */
export async function unpackSegment(segment: Segment): Promise<readonly ProvenTurn[] | null> {
	if (!sha256Of(segment.bytes).equals(segment.sha256)) return null;
	try {
		const maxOutputLength = limits.segmentMostBytes;
		const turns = decodeHistory(await promisify(gunzip)(segment.bytes, { maxOutputLength }));
		return turns.every(isProven) && isOf(segment, turns) ? turns : null;
	} catch {
		return null; // whoever asks says which turns are lost
	}
}

function isProven(turn: HistoryTurn): turn is ProvenTurn {
	return turn.proof !== undefined;
}

function isOf({ from, to, at, nonces }: Segment, turns: readonly ProvenTurn[]): boolean {
	return (
		turns.length === to - from + 1 &&
		turns.length === nonces.length &&
		turns[0]?.at === at &&
		turns.every(({ turn, proof }, i) => turn === from + i && proof.nonce === nonces[i])
	);
}

/** The first segment that has a turn after this one, with those of its turns that are passed over. */
export async function nextSegment(
	sql: ISql,
	document: DocumentId,
	after: number,
): Promise<(Segment & { readonly passed: readonly number[] }) | null> {
	const [row] = await sql<(Segment & { passed: readonly number[] })[]>`
		select ${columns(sql)}, array(
			select turn from generate_series(from_turn, to_turn) turn where exists (
				select from passed_turns p where p.document = segments.document
				and turn between p.from_turn and p.to_turn
			)
		) as passed
		from segments where document = ${document} and to_turn > ${after}
		order by from_turn limit 1`;
	return row ?? null;
}

/** The segment that begins last, of those that begin at this instant (µs) or before; null if none does. */
export async function segmentAt(
	sql: ISql,
	document: DocumentId,
	at: number,
): Promise<Segment | null> {
	const [row] = await sql<Segment[]>`
		select ${columns(sql)} from segments
		where document = ${document}
			and from_at <= timestamptz 'epoch' + ${at}::int8 * interval '1 microsecond'
		order by from_turn desc limit 1`;
	return row ?? null;
}

/** The turns of segments that carry some of these nonces. */
export async function turnsOfNonces(
	sql: ISql,
	document: DocumentId,
	nonces: readonly string[],
): Promise<readonly { readonly nonce: string; readonly turn: number }[]> {
	return sql<{ nonce: string; turn: number }[]>`
		select nonce, from_turn + array_position(nonces, nonce) - 1 as turn
		from segments, unnest(${[...nonces]}::uuid[]) nonce
		where document = ${document} and nonce = any(nonces)`;
}

/** The last turn of a document's segments, 0 if it has none. */
export async function lastSegmentEnd(sql: ISql, document: DocumentId): Promise<number> {
	const [row] = await sql<[{ to: number }]>`
		select coalesce(max(to_turn), 0) as to from segments where document = ${document}`;
	return row.to;
}

/**
 * The documents that were closed so many ms ago or more and have turns in the journal, those first that
 * were closed first; but none that cannot be opened whole.
 */
export async function findPackable(sql: ISql, sealedMs: number): Promise<readonly DocumentId[]> {
	const rows = await sql<{ id: DocumentId }[]>`
		select id from documents d
		where sealed_at < clock_timestamp() - ${sealedMs}::int8 * interval '1 ms'
			and exists (select from journal j where j.document = d.id)
			and not exists (select from quarantines q where q.document = d.id)
		order by sealed_at`;
	return rows.map(({ id }) => id);
}

/** Keeps a segment, in the transaction that takes its turns out of the journal. */
export async function keepSegment(
	tx: TransactionSql,
	document: DocumentId,
	segment: Segment,
): Promise<void> {
	const { from, to, at, headBefore, nonces, bytes, sha256 } = segment;
	await tx`
		insert into segments
			(document, from_turn, to_turn, from_at, head_before, nonces, bytes, sha256)
		values (
			${document}, ${from}, ${to}, timestamptz 'epoch' + ${at}::int8 * interval '1 microsecond',
			${headBefore}, ${[...nonces]}::uuid[], ${bytes}, ${sha256}
		)`;
}

/** Puts other turns in a segment's place, the same in number, nonces and times. */
export async function replaceSegment(
	tx: TransactionSql,
	document: DocumentId,
	turns: readonly ProvenTurn[],
): Promise<void> {
	const { bytes, sha256 } = await packTurns(turns);
	await tx`
		update segments set bytes = ${bytes}, sha256 = ${sha256}
		where document = ${document} and from_turn = ${turns[0]?.turn ?? 0}`;
}

function columns(sql: ISql) {
	return sql`
		from_turn as from, to_turn as to, (extract(epoch from from_at) * 1000000)::int8 as at,
		head_before as "headBefore", nonces, bytes, sha256`;
}

function sha256Of(bytes: Uint8Array): Buffer {
	return createHash('sha256').update(bytes).digest();
}
