import type { ISql } from 'postgres';
import type { DocumentId } from '#core/ids.ts';
import type { Place } from './documents.ts';
import { nextSegment, segmentAt, turnsOfNonces, unpackSegment } from './segments.ts';

/**
 * A turn's instant in microseconds since 1970, or null if there is no such turn. Where its segment is
 * damaged it is that of the first turn in there.
 */
export async function readTurnTime(
	sql: ISql,
	document: DocumentId,
	turn: number,
): Promise<number | null> {
	const [row] = await sql<{ at: number }[]>`
		select (extract(epoch from at) * 1000000)::int8 as at
		from journal where document = ${document} and turn = ${turn}`;
	if (row) return row.at;
	const segment = await nextSegment(sql, document, turn - 1);
	if (!segment || turn < segment.from) return null;
	const turns = await unpackSegment(segment);
	return turns?.[turn - segment.from]?.at ?? segment.at;
}

/** The last turn at an instant (microseconds) or before, 0 if there was none yet. */
export async function findTurnAt(sql: ISql, document: DocumentId, at: number): Promise<number> {
	const [row] = await sql<{ turn: number }[]>`
		with instant as (
			select timestamptz 'epoch' + ${at}::int8 * interval '1 microsecond' as at
		), kept as ( -- so that only what lies between two checkpoints is searched
			select c.turn, j.at from checkpoints c join journal j using (document, turn)
			where document = ${document}
		)
		select turn from journal
		where document = ${document} and at <= (select at from instant)
			and turn >= coalesce((select max(turn) from kept, instant where kept.at <= instant.at), 0)
			and turn <= coalesce((select min(turn) from kept, instant where kept.at > instant.at), ${Number.MAX_SAFE_INTEGER})
		order by turn desc limit 1`;
	if (row) return row.turn;
	const segment = await segmentAt(sql, document, at);
	const turns = segment && (await unpackSegment(segment));
	return turns?.findLast((turn) => turn.at <= at)?.turn ?? 0;
}

/** The turn that carries this nonce, if it was committed. */
export async function findTurn(
	sql: ISql,
	document: DocumentId,
	nonce: string,
): Promise<Place | null> {
	const [row] = await sql<Place[]>`
		select turn, (extract(epoch from at) * 1000000)::int8 as at
		from journal where document = ${document} and nonce = ${nonce}`;
	if (row) return row;
	const [kept] = await turnsOfNonces(sql, document, [nonce]);
	const at = kept && (await readTurnTime(sql, document, kept.turn));
	return kept && at ? { turn: kept.turn, at } : null;
}

/** Which of these nonces a document's turns carry. */
export async function findNonces(
	sql: ISql,
	document: DocumentId,
	nonces: readonly string[],
): Promise<ReadonlySet<string>> {
	const rows = await sql<{ nonce: string }[]>`
		select nonce from journal where document = ${document} and nonce = any(${[...nonces]}::uuid[])`;
	const kept = await turnsOfNonces(sql, document, nonces);
	return new Set([...rows, ...kept].map(({ nonce }) => nonce));
}
