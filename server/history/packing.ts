import { setImmediate as nextRound } from 'node:timers/promises';
import type { Sql, TransactionSql } from 'postgres';
import { journalBytes } from '#core/incident/history.ts';
import type { DocumentId } from '#core/ids.ts';
import { limits } from '#server/limits.ts';
import type { Logger } from '#server/log.ts';
import { firstHead } from '#server/storage/chain.ts';
import { lockDocument } from '#server/storage/documents.ts';
import {
	chained,
	readHistory,
	takeOutOfJournal,
	UnreadableTurn,
	type KeptTurn,
} from '#server/storage/history.ts';
import { needSchema } from '#server/storage/migrate.ts';
import {
	findPackable,
	keepSegment,
	lastSegmentEnd,
	packSegment,
	unpackSegment,
	type Segment,
} from '#server/storage/segments.ts';

/** Who does not know this schema knows no segments. */
const schemaWithSegments = 7;

/** Turns are not what a segment of them would give back: they stay where they are. */
class Unpackable extends Error {}

/** Somebody has rewritten turns while they were packed: they are packed the next time. */
class Rewritten extends Error {}

export interface PackingParts {
	readonly sql: Sql;
	readonly log: Logger;
	/** So long ago an incident was closed whose turns are moved, in ms. */
	readonly sealedMs: number;
	/** Nothing new is to be begun. */
	readonly isEnding: () => boolean;
}

/**
 * Moves turns of incidents that were closed long ago from the journal into segments, which take a small
 * part of the room and read the same. Any number of processes may do it at once. What a segment would
 * not give back byte for byte stays where it is.
 */
export class Packing {
	readonly #parts: PackingParts;
	/** Documents whose turns cannot be packed: that is told once. */
	readonly #leftAlone = new Set<DocumentId>();

	constructor(parts: PackingParts) {
		this.#parts = parts;
	}

	/** Packs whatever is due. */
	async run(): Promise<void> {
		const { sql, sealedMs, isEnding } = this.#parts;
		for (const document of await findPackable(sql, sealedMs)) {
			if (isEnding()) return;
			if (!this.#leftAlone.has(document)) await this.#pack(document);
		}
	}

	async #pack(document: DocumentId): Promise<void> {
		const { sql, log, isEnding } = this.#parts;
		try {
			while (!isEnding() && (await packSome(sql, document))) await nextRound();
		} catch (error) {
			if (error instanceof Rewritten) return;
			if (!(error instanceof Unpackable || error instanceof UnreadableTurn)) throw error;
			this.#leftAlone.add(document);
			log.warn({ err: error, document }, 'turns are not packed');
		}
	}
}

/** Moves a document's next turns into a segment; false if there are none. */
async function packSome(sql: Sql, document: DocumentId): Promise<boolean> {
	const last = await lastSegmentEnd(sql, document);
	const { headBefore, turns } = await nextStretch(sql, document, last);
	const [first] = turns;
	if (!first) return false;
	const segment = await packSegment(turns, headBefore);
	const unpacked = await readBack(segment);
	if (!areSame(turns, unpacked)) throw new Unpackable(`From turn ${first.turn} on.`);
	await sql.begin((tx) => move(tx, document, { segment, unpacked }));
	return true;
}

/** The turns after one that make a segment, and the chain's head before them. */
async function nextStretch(
	sql: Sql,
	document: DocumentId,
	last: number,
): Promise<{ headBefore: Uint8Array; turns: readonly KeptTurn[] }> {
	let headBefore = firstHead(document);
	let bytes = 0;
	const turns: KeptTurn[] = [];
	for await (const turn of readHistory(sql, document, Math.max(0, last - 1))) {
		if (turn.turn === last) {
			headBefore = turn.head;
			continue;
		}
		if (turn.turn !== last + turns.length + 1) {
			throw new Unpackable(`Turn ${last + turns.length + 1} is missing.`);
		}
		if (turn.unreadable) throw new Unpackable(`Turn ${turn.turn} cannot be read.`);
		bytes += journalBytes(turn).length;
		const isFull = turns.length === limits.segmentTurns || bytes > limits.segmentBytes;
		if (isFull && turns.length > 0) break;
		turns.push(turn);
	}
	return { headBefore, turns };
}

async function readBack(segment: Segment): Promise<readonly KeptTurn[]> {
	const turns = await unpackSegment(segment);
	if (!turns) throw new Unpackable(`From turn ${segment.from} on.`);
	return [...chained(turns, segment.headBefore)];
}

/** All or nothing; somebody may have moved or rewritten them meanwhile: then nothing. */
async function move(
	tx: TransactionSql,
	document: DocumentId,
	{ segment, unpacked }: { segment: Segment; unpacked: readonly KeptTurn[] },
): Promise<void> {
	await lockDocument(tx, document);
	const taken = await takeOutOfJournal(tx, document, segment);
	if (taken.length === 0) return;
	if (!areSame(taken, unpacked)) throw new Rewritten();
	await keepSegment(tx, document, segment);
	await needSchema(tx, schemaWithSegments);
}

function areSame(a: readonly KeptTurn[], b: readonly KeptTurn[]): boolean {
	return a.length === b.length && a.every((turn, i) => isSame(turn, b[i]));
}

function isSame(a: KeptTurn, b: KeptTurn | undefined): boolean {
	if (!b) return false;
	return (
		a.turn === b.turn &&
		a.at === b.at &&
		a.proof.nonce === b.proof.nonce &&
		isSameBytes(a.proof.salt ?? noBytes, b.proof.salt ?? noBytes) &&
		isSameBytes(a.digest, b.digest) &&
		isSameBytes(a.head, b.head) &&
		isSameBytes(journalBytes(a), journalBytes(b))
	);
}

const noBytes = new Uint8Array();

function isSameBytes(a: Uint8Array, b: Uint8Array): boolean {
	return Buffer.compare(a, b) === 0;
}
