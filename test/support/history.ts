import { createHash } from 'node:crypto';
import type { Sql } from 'postgres';
import * as Y from 'yjs';
import type { DocumentId } from '#core/ids.ts';
import { createDocument } from '#core/incident/document.ts';
import { readFacts, type Fact } from '#core/incident/record.ts';
import { decodeEdits } from '#core/incident/turn.ts';

interface Row {
	readonly turn: number;
	/** Microseconds. */
	readonly at: number;
	readonly edits: Uint8Array;
	readonly salt: Uint8Array;
	readonly digest: Uint8Array;
	readonly head: Uint8Array;
}

/** A document made anew from its journal, and what is wrong with that journal, as sentences. */
export interface History {
	readonly doc: Y.Doc;
	/** The same from its newest checkpoint and the turns after it; null if there is no checkpoint. */
	readonly fromCheckpoint: Y.Doc | null;
	readonly turns: number;
	readonly faults: readonly string[];
}

/**
 * Replays a document's journal and checks what it promises: turns without gaps, times that never
 * run backwards, a chain that fits, no message and no entry twice.
 */
export async function replayJournal(sql: Sql, document: string): Promise<History> {
	const rows = await sql<Row[]>`
		select turn, (extract(epoch from at) * 1000000)::int8 as at, edits, salt, digest, head
		from journal where document = ${document} order by turn`;
	const doc = createDocument('follower');
	const faults: string[] = [];
	const messages = new Set<string>();
	let before = { turn: 0, at: 0, head: firstHead(document as DocumentId) };
	for (const row of rows) {
		if (row.turn !== before.turn + 1) faults.push(`turn ${row.turn} follows ${before.turn}`);
		if (row.at < before.at) faults.push(`turn ${row.turn} is earlier than the one before`);
		if (!digestOf(row).equals(row.digest)) faults.push(`turn ${row.turn} is not what was digested`);
		if (!headAfter(before.head, row).equals(row.head))
			faults.push(`the chain breaks at ${row.turn}`);
		for (const { conn, n, bytes } of decodeEdits(row.edits)) {
			if (conn !== '' && messages.has(`${conn} ${n}`))
				faults.push(`message ${n} is journaled twice`);
			messages.add(`${conn} ${n}`);
			Y.applyUpdate(doc, bytes);
		}
		before = row;
	}
	return {
		doc,
		fromCheckpoint: await fromCheckpoint(sql, document, rows),
		turns: rows.length,
		faults: [...faults, ...doubledEntries(doc)],
	};
}

/** The facts that each turn of a document's journal brought, whatever their place in the record. */
export async function factsByTurn(sql: Sql, document: string): Promise<Fact[][]> {
	const rows = await sql<Pick<Row, 'edits'>[]>`
		select edits from journal where document = ${document} order by turn`;
	const doc = createDocument('follower');
	const known = new Set<string>();
	return rows.map(({ edits }) => {
		for (const { bytes } of decodeEdits(edits)) Y.applyUpdate(doc, bytes);
		const fresh = readFacts(doc).filter(({ id }) => !known.has(id));
		for (const { id } of fresh) known.add(id);
		return fresh;
	});
}

async function fromCheckpoint(
	sql: Sql,
	document: string,
	rows: readonly Row[],
): Promise<Y.Doc | null> {
	const [newest] = await sql<{ turn: number; state: Uint8Array }[]>`
		select turn, state from checkpoints where document = ${document} order by turn desc limit 1`;
	if (!newest) return null;
	const doc = createDocument('follower');
	Y.applyUpdateV2(doc, newest.state);
	for (const { edits } of rows.filter(({ turn }) => turn > newest.turn)) {
		for (const { bytes } of decodeEdits(edits)) Y.applyUpdate(doc, bytes);
	}
	return doc;
}

function firstHead(document: DocumentId): Uint8Array {
	return createHash('sha256').update(document).digest();
}

function digestOf(row: Row): Buffer {
	return createHash('sha256').update(row.salt).update(row.edits).digest();
}

function headAfter(head: Uint8Array, row: Row): Buffer {
	const at = Buffer.alloc(8);
	at.writeBigInt64BE(BigInt(row.at));
	return createHash('sha256').update(head).update(at).update(row.digest).digest();
}

function doubledEntries(doc: Y.Doc): string[] {
	const entries = readFacts(doc).flatMap((fact) => (fact.kind === 'logged' ? [fact.entry] : []));
	const counts = Map.groupBy(entries, (entry) => entry);
	return Array.from(counts).flatMap(([entry, group]) =>
		group.length > 1 ? [`entry ${entry} is logged ${group.length} times`] : [],
	);
}
