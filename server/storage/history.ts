import type { Sql, TransactionSql } from 'postgres';
import type { DocumentId } from '#core/ids.ts';
import { editsFrom, journalBytes } from '#core/incident/history.ts';
import { decodeEdits, type Edit } from '#core/incident/turn.ts';
import { digestOf, headAfter } from './chain.ts';
import type { Place } from './documents.ts';
import {
	nextSegment,
	replaceSegment,
	unpackSegment,
	type ProvenTurn,
	type Segment,
} from './segments.ts';

/** A committed turn as those read it who follow a document. */
export interface JournalRow extends Place {
	readonly nonce: string;
	readonly edits: readonly Edit[];
	/** The chain's head after this turn. */
	readonly head: Uint8Array;
}

/** A committed turn with all that is kept of it. */
export interface KeptTurn extends ProvenTurn {
	/** As the journal says; in a segment both follow from the rest. */
	readonly digest: Uint8Array;
	readonly head: Uint8Array;
}

/** A turn whose bytes are none of ours. */
export class UnreadableTurn extends Error {
	readonly turn: number;

	constructor(turn: number, cause: unknown) {
		super(`Turn ${turn} cannot be read.`, { cause });
		this.turn = turn;
	}
}

interface RawTurn extends Place {
	readonly nonce: string;
	readonly edits: Uint8Array;
	readonly salt: Uint8Array | null;
	readonly digest: Uint8Array;
	readonly head: Uint8Array;
}

interface RawRow extends RawTurn {
	readonly isPassed: boolean;
}

type Block =
	| { readonly rows: readonly RawRow[] }
	/** Of a segment those turns count that come after one: some may have been read as rows before they were packed. */
	| { readonly segment: Segment & { readonly passed: readonly number[] }; readonly after: number };

/**
 * The document's turns after the given one, in order, read in blocks; those that are passed over hold
 * no edits. Throws `UnreadableTurn` when it comes to one.
 */
export async function* readTurns(
	sql: Sql | TransactionSql,
	document: DocumentId,
	after: number,
): AsyncGenerator<JournalRow> {
	yield* readStretch(sql, document, { after, upTo: Number.MAX_SAFE_INTEGER });
}

/** As `readTurns`, up to and with another turn. */
export async function* readStretch(
	sql: Sql | TransactionSql,
	document: DocumentId,
	{ after, upTo }: { readonly after: number; readonly upTo: number },
): AsyncGenerator<JournalRow> {
	if (after >= upTo) return;
	for await (const block of readBlocks(sql, document, { after, upTo })) {
		const rows = 'segment' in block ? rowsIn(block.segment, block.after) : block.rows.map(rowOf);
		for await (const row of rows) if (row.turn <= upTo) yield row;
	}
}

/**
 * The document's turns after the given one, in order, with all that is kept of them, also what is passed
 * over or cannot be read. Throws `UnreadableTurn` for a segment that was damaged.
 */
export async function* readHistory(
	sql: Sql | TransactionSql,
	document: DocumentId,
	after: number,
): AsyncGenerator<KeptTurn> {
	const whole = { after, upTo: Number.MAX_SAFE_INTEGER };
	for await (const block of readBlocks(sql, document, whole)) {
		if ('rows' in block) {
			yield* block.rows.map(keptOf);
			continue;
		}
		const turns = await unpackSegment(block.segment);
		if (!turns) throw damaged(block.segment, block.after);
		for (const turn of chained(turns, block.segment.headBefore)) {
			if (turn.turn > block.after) yield turn;
		}
	}
}

/**
 * Segments come before rows. Rows that are moved into a segment while this reads are found there, as
 * whoever finds a gap in the journal looks for a segment, and only then believes in the gap.
 */
async function* readBlocks(
	sql: Sql | TransactionSql,
	document: DocumentId,
	{ after, upTo }: { readonly after: number; readonly upTo: number },
): AsyncGenerator<Block> {
	const blockSize = 500;
	let last = after;
	let wasSegment = false;
	while (last < upTo) {
		const most = Math.min(blockSize, upTo - last);
		const rows = wasSegment ? [] : await readRows(sql, document, { after: last, most });
		const newest = rows.at(-1);
		if (newest && rows[0]?.turn === last + 1) {
			yield { rows };
			if (rows.length < most) return;
			last = newest.turn;
			continue;
		}
		const segment = await nextSegment(sql, document, last);
		if (segment) {
			yield { segment, after: last };
			last = segment.to;
		} else if (!wasSegment) {
			if (newest) yield { rows };
			return;
		}
		wasSegment = segment !== null;
	}
}

function readRows(
	sql: Sql | TransactionSql,
	document: DocumentId,
	{ after, most }: { after: number; most: number },
): Promise<readonly RawRow[]> {
	return sql<RawRow[]>`
		select turn, (extract(epoch from at) * 1000000)::int8 as at, nonce, edits, salt, digest, head,
			exists (
				select from passed_turns p where p.document = journal.document
				and turn between from_turn and to_turn
			) as "isPassed"
		from journal where document = ${document} and turn > ${after}
		order by turn limit ${most}`;
}

function rowOf({ turn, at, nonce, edits, head, isPassed }: RawRow): JournalRow {
	return { turn, at, nonce, head, edits: isPassed ? [] : editsOf(turn, edits) };
}

function editsOf(turn: number, bytes: Uint8Array): readonly Edit[] {
	try {
		return decodeEdits(bytes);
	} catch (error) {
		throw new UnreadableTurn(turn, error);
	}
}

function keptOf({ turn, at, nonce, edits, salt, digest, head }: RawTurn): KeptTurn {
	const proof = salt === null ? { nonce, salt, digest } : { nonce, salt };
	return { turn, at, ...editsFrom(edits), proof, digest, head };
}

/** Of a segment that was damaged those turns are left that are passed over. */
async function* rowsIn(
	segment: Extract<Block, { segment: unknown }>['segment'],
	after: number,
): AsyncGenerator<JournalRow> {
	const turns = await unpackSegment(segment);
	const passed = new Set(segment.passed);
	if (!turns) return yield* passedIn(segment, passed, after);
	const headOf = headsOf(turns, segment.headBefore);
	for (const { turn, at, proof, unreadable, edits } of turns) {
		if (turn <= after) continue;
		const isPassed = passed.has(turn);
		const read = unreadable && !isPassed ? editsOf(turn, unreadable) : edits;
		yield {
			...{ turn, at, nonce: proof.nonce, edits: isPassed ? [] : read },
			get head() {
				return headOf(turn);
			},
		};
	}
}

/** The chain's head after each of these turns. Few ask for any, and it costs more than reading the turns. */
function headsOf(
	turns: readonly ProvenTurn[],
	headBefore: Uint8Array,
): (turn: number) => Uint8Array {
	let heads: Map<number, Uint8Array> | null = null;
	return (turn) => {
		heads ??= new Map(Array.from(chained(turns, headBefore), (one) => [one.turn, one.head]));
		return heads.get(turn) ?? headBefore;
	};
}

function* passedIn(
	segment: Segment,
	passed: ReadonlySet<number>,
	after: number,
): Generator<JournalRow> {
	const { from, to, at, nonces, headBefore } = segment;
	for (let turn = Math.max(from, after + 1); turn <= to; turn++) {
		if (!passed.has(turn)) throw damaged(segment, turn - 1);
		yield { turn, at, nonce: nonces[turn - from] ?? '', edits: [], head: headBefore };
	}
}

function damaged({ from, to }: Segment, after: number): UnreadableTurn {
	const cause = new Error(`The segment of turns ${from} to ${to} is damaged.`);
	return new UnreadableTurn(Math.max(from, after + 1), cause);
}

/** Turns with their digests and the chain's heads, as they follow from the head before them. */
export function* chained(
	turns: readonly ProvenTurn[],
	headBefore: Uint8Array,
): Generator<KeptTurn> {
	let head = headBefore;
	for (const turn of turns) {
		const digest = digestOf(turn.proof, journalBytes(turn));
		head = headAfter(head, { at: turn.at, digest });
		yield { ...turn, digest, head };
	}
}

/** Takes turns out of the journal, in the transaction that keeps them as a segment; gives them in order. */
export async function takeOutOfJournal(
	tx: TransactionSql,
	document: DocumentId,
	{ from, to }: Pick<Segment, 'from' | 'to'>,
): Promise<readonly KeptTurn[]> {
	const rows = await tx<RawTurn[]>`
		delete from journal where document = ${document} and turn between ${from} and ${to}
		returning turn, (extract(epoch from at) * 1000000)::int8 as at, nonce, edits, salt, digest, head`;
	return rows.map(keptOf).sort((a, b) => a.turn - b.turn);
}

/**
 * Puts other bytes in the place of some turns' edits, wherever those are kept: their salts go, so that
 * nobody can guess what it was, their digests stay, and the chain holds. The document must be locked.
 */
export async function rewriteTurns(
	tx: TransactionSql,
	document: DocumentId,
	rewritten: ReadonlyMap<number, Uint8Array>,
): Promise<void> {
	const left = new Map(rewritten);
	for (const [turn, edits] of rewritten) {
		const rows = await tx`
			update journal set edits = ${edits}, salt = null
			where document = ${document} and turn = ${turn} returning turn`;
		if (rows.length > 0) left.delete(turn);
	}
	while (left.size > 0) {
		const next = Math.min(...left.keys());
		const segment = await nextSegment(tx, document, next - 1);
		if (!segment || segment.from > next) throw new Error(`There is no turn ${next}.`);
		const turns = await unpackSegment(segment);
		if (!turns) throw damaged(segment, next - 1);
		const replaced = turns.map((turn) => {
			const edits = left.get(turn.turn);
			left.delete(turn.turn);
			return edits ? withoutSalt(turn, edits) : turn;
		});
		await replaceSegment(tx, document, replaced);
	}
}

function withoutSalt(turn: ProvenTurn, bytes: Uint8Array): ProvenTurn {
	const digest = digestOf(turn.proof, journalBytes(turn));
	const { nonce } = turn.proof;
	return {
		turn: turn.turn,
		at: turn.at,
		...editsFrom(bytes),
		proof: { nonce, salt: null, digest },
	};
}
