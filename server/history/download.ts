import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Sql } from 'postgres';
import { roomDocumentOf, type DocumentId, type IncidentId } from '#core/ids.ts';
import { encodeHistory, type HistoryTurn } from '#core/incident/history.ts';
import { frameOf, type HistoryHeader } from '#core/review/download.ts';
import { Refusal } from '#core/refusal.ts';
import { limits } from '#server/limits.ts';
import { readAttendance } from '#server/storage/attendance.ts';
import { readCheckpointTurns } from '#server/storage/checkpoints.ts';
import { readHead } from '#server/storage/documents.ts';
import { readTurns } from '#server/storage/history.ts';
import { readQuarantine } from '#server/storage/quarantines.ts';
import type { HistoryCache } from './cache.ts';
import { peopleIn, type NamesParts } from './names.ts';

export interface DownloadParts extends NamesParts {
	readonly sql: Sql;
	readonly cache: HistoryCache;
}

/** A history on its way: a word that is another one whenever something of it is another, and its frames. */
export interface Download {
	readonly tag: string;
	readonly frames: AsyncIterable<Uint8Array>;
}

/**
 * An incident's history after a turn, as far as it can be opened, for replay elsewhere: turns that are
 * passed over hold nothing, and there are no proofs. Throws a `Refusal` if there is no such incident.
 */
export async function downloadHistory(
	parts: DownloadParts,
	incident: IncidentId,
	after: number,
): Promise<Download> {
	const { sql, cache } = parts;
	const document = roomDocumentOf(incident);
	const place = await readHead(sql, document);
	if (!place) throw new Refusal('unknown', 'There is no such incident.');
	const quarantine = await readQuarantine(sql, document);
	const turn = quarantine?.turn ?? place.turn;
	const header: HistoryHeader = {
		id: incident,
		number: (await parts.known.of(incident)).number,
		...{ after, turn },
		isOpen: !place.isSealed,
		shownAsOf: quarantine?.asOf ?? null,
		people: await peopleIn(parts, incident),
		visits: (await readAttendance(sql, incident)).map(({ person, enteredAt, leftAt }) => {
			return { person, from: enteredAt, until: leftAt };
		}),
		checkpoints: await readCheckpointTurns(sql, document),
	};
	const first = JSON.stringify(header);
	const print = createHash('sha256').update(first).update(place.head).digest('base64url');
	const head = Buffer.from(place.head).toString('hex');
	const key = [document, turn, head].join();
	const blocks = () => blocksOf(sql, document, { after, turn });
	return {
		tag: `"${print}"`,
		// Whoever goes on with a download is alone with that.
		frames: framesOf(first, place.isSealed && after === 0 ? cache.of(key, blocks) : blocks()),
	};
}

async function* framesOf(
	header: string,
	blocks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
	yield frameOf(await promisify(gzip)(header));
	yield* blocks;
}

/** The turns in frames; each is read, written and compressed before the next, so that others have their turn. */
async function* blocksOf(
	sql: Sql,
	document: DocumentId,
	{ after, turn }: { after: number; turn: number },
): AsyncGenerator<Uint8Array> {
	let block: HistoryTurn[] = [];
	let bytes = 0;
	if (after >= turn) return;
	for await (const row of readTurns(sql, document, after)) {
		if (row.turn > turn) break;
		block.push({ turn: row.turn, at: row.at, edits: row.edits });
		bytes += row.edits.reduce((sum, edit) => sum + edit.bytes.length, 0);
		if (block.length < limits.historyBlockTurns && bytes < limits.historyBlockBytes) continue;
		yield await pack(block);
		block = [];
		bytes = 0;
	}
	if (block.length > 0) yield await pack(block);
}

async function pack(turns: readonly HistoryTurn[]): Promise<Uint8Array> {
	return frameOf(await promisify(gzip)(encodeHistory(turns, { withProof: false })));
}
