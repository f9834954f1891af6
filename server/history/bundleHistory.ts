import type { Sql } from 'postgres';
import { isUuid, kindOf, type DocumentId, type PersonId } from '#core/ids.ts';
import { encodeHistory, type HistoryTurn } from '#core/incident/history.ts';
import type { Edit } from '#core/incident/turn.ts';
import { editsPerFile, historyFile, turnsPerFile } from '#core/review/export/bundleFiles.ts';
import type { HistoryClaim } from '#core/review/export/manifest.ts';
import { limits } from '#server/limits.ts';
import { readHistory } from '#server/storage/history.ts';
import { readLeftOut } from '#server/storage/quarantines.ts';
import { clientsOf } from '#server/sync/nodes/catchUp.ts';
import { Slices } from './slices.ts';
import type { ArchiveFile } from './zip.ts';

/** A document's history up to one turn. */
export interface HistoryEnd {
	readonly document: DocumentId;
	readonly turn: number;
	/** The chain's head after that turn. */
	readonly head: Uint8Array;
}

/** Whom a history names, and under which client ids they wrote; found while its files are made. */
export interface Named {
	readonly people: Set<PersonId>;
	readonly clients: Map<number, PersonId>;
}

/** A history as the files of a bundle; what it names is added to `named`. */
export async function* filesOfHistory(
	sql: Sql,
	history: HistoryEnd,
	named: Named,
): AsyncGenerator<ArchiveFile> {
	const kind = kindOf(history.document);
	const slices = new Slices(limits.sliceMs);
	let index = 0;
	for await (const turns of blocksOf(sql, history)) {
		for (const turn of turns) {
			look(turn, named);
			if (slices.isOver) await slices.pass();
		}
		yield { name: historyFile(index, kind), bytes: encodeHistory(turns, { withProof: true }) };
		index += 1;
	}
}

/** What a manifest says of a history, once its files are made. */
export async function claimOf(
	sql: Sql,
	{ document, turn, head }: HistoryEnd,
	{ clients }: Named,
): Promise<HistoryClaim> {
	const leftOut = await readLeftOut(sql, document);
	return {
		turns: turn,
		head: Buffer.from(head).toString('hex'),
		clients: Object.fromEntries([...clients].sort(([a], [b]) => a - b)),
		passed: leftOut
			.filter(({ from }) => from <= turn)
			.map((one) => ({ ...one, to: Math.min(one.to, turn) })),
	};
}

async function* blocksOf(
	sql: Sql,
	{ document, turn: last }: HistoryEnd,
): AsyncGenerator<HistoryTurn[]> {
	let block: HistoryTurn[] = [];
	let [bytes, edits] = [0, 0];
	for await (const turn of readHistory(sql, document, 0)) {
		const size = sizeOf(turn);
		const isFull =
			block.length === turnsPerFile ||
			bytes + size > limits.historyBlockBytes ||
			edits + turn.edits.length > editsPerFile;
		if (isFull && block.length > 0) {
			yield block;
			[block, bytes, edits] = [[], 0, 0];
		}
		block.push(turn);
		bytes += size;
		edits += turn.edits.length;
		if (turn.turn >= last) break;
	}
	if (block.length > 0) yield block;
}

function sizeOf({ edits, unreadable }: HistoryTurn): number {
	return edits.reduce((sum, edit) => sum + edit.bytes.length, unreadable?.length ?? 0);
}

/** Who wrote a turn, under which client ids, and whom it names. */
function look({ edits }: HistoryTurn, { people, clients }: Named): void {
	for (const edit of edits) {
		people.add(edit.person);
		for (const id of idsIn(edit.bytes)) people.add(id);
	}
	for (const [client, person] of clientsIn(edits)) clients.set(client, person);
}

/** Whose client ids wrote these edits: the server's own are nobody's. What cannot be read names nobody. */
function clientsIn(edits: readonly Edit[]): ReadonlyMap<number, PersonId> {
	try {
		return clientsOf(edits.filter(({ conn }) => conn !== ''));
	} catch {
		return new Map(); // it is passed over by all who read it
	}
}

/** Whatever looks like the id of a person in an update: they stand in it as they are. */
export function idsIn(bytes: Uint8Array): PersonId[] {
	if (bytes.length < 36) return [];
	const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
	const ids = text.match(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? [];
	return ids.filter(isUuid) as PersonId[];
}
