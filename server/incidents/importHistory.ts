import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { setImmediate as nextRound } from 'node:timers/promises';
import type { TransactionSql } from 'postgres';
import * as Y from 'yjs';
import { roomDocumentOf, type DocumentId, type IncidentId } from '#core/ids.ts';
import type { Context } from '#core/incident/decide.ts';
import { createDocument } from '#core/incident/document.ts';
import type { Historic } from '#core/incident/historyFile/historic.ts';
import { plantHistoric } from '#core/incident/historyFile/plantHistoric.ts';
import type { Edit } from '#core/incident/turn.ts';
import type { Person } from '#core/response/access.ts';
import { epochMs } from '#core/time.ts';
import { limits } from '#server/limits.ts';
import { projectIncident } from '#server/persister/project.ts';
import { makeSnapshot } from '#server/persister/snapshot.ts';
import { canonicalJson } from '#server/persister/storable.ts';
import { digestOf, firstHead, headAfter } from '#server/storage/chain.ts';
import { databaseClock } from '#server/storage/documents.ts';
import {
	findImported,
	insertImported,
	insertIncidents,
	lockImports,
	type ImportedIncident,
	type KnownImport,
} from '#server/storage/importedIncidents.ts';
import { insertProjections, type Projection } from '#server/storage/projection.ts';
import { insertSnapshots, type Snapshot } from '#server/storage/snapshots.ts';
import { newTurn } from '#server/sync/journal.ts';
import type { TurnNotice } from '#server/sync/notice.ts';
import { seedEdits, seedRoom } from '#server/sync/turn/facts.ts';
import type { CreateParts } from './create.ts';

/** What became of an incident of the file. */
export interface Outcome {
	readonly line: number;
	readonly sourceId: string;
	readonly number: number;
	/** `there`: imported before. `changed`: imported before, and the source says something else now. */
	readonly state: 'imported' | 'there' | 'changed';
}

export interface HistoryImport {
	readonly incidents: readonly Historic[];
	/** One transaction for all of them, instead of one for some. */
	readonly isWhole: boolean;
	/** Hears after each transaction how many are done. */
	readonly progress: (done: number) => void;
}

/**
 * Writes incidents of another system with all that lists show of them, the oldest first; those that were
 * imported before are left as they are. Each is one turn; closed ones are sealed and have their snapshot.
 */
export async function importHistory(
	parts: CreateParts,
	person: Person,
	{ incidents, isWhole, progress }: HistoryImport,
): Promise<readonly Outcome[]> {
	const ordered = incidents.toSorted((a, b) => beginningOf(a) - beginningOf(b) || a.line - b.line);
	const outcomes: Outcome[] = [];
	const size = isWhole ? Math.max(1, ordered.length) : limits.importedAtOnce;
	for (let from = 0; from < ordered.length; from += size) {
		const some = ordered.slice(from, from + size);
		const report = (done: number) => progress(from + done);
		const written = await parts.db.sql.begin((tx) =>
			writeSome(tx, some, { parts, person, report }),
		);
		outcomes.push(...written.outcomes);
		written.open.forEach(parts.notice);
		progress(Math.min(ordered.length, from + size));
	}
	return outcomes.toSorted((a, b) => a.line - b.line);
}

/** What was imported before of these, by what the source says now. */
export async function knownOutcomes(
	parts: Pick<CreateParts, 'db'>,
	incidents: readonly Historic[],
): Promise<ReadonlyMap<Historic, Outcome>> {
	return outcomesOf(incidents, await findImported(parts.db.sql, incidents));
}

function outcomesOf(
	incidents: readonly Historic[],
	known: readonly KnownImport[],
): ReadonlyMap<Historic, Outcome> {
	const byName = new Map(known.map((one) => [nameOf(one), one]));
	const outcomes = new Map<Historic, Outcome>();
	for (const historic of incidents) {
		const before = byName.get(nameOf(historic));
		if (!before) continue;
		const { line, sourceId } = historic;
		const state = before.print === printOf(historic) ? 'there' : 'changed';
		outcomes.set(historic, { line, sourceId, number: before.number, state });
	}
	return outcomes;
}

function nameOf({ source, sourceId }: Pick<Historic, 'source' | 'sourceId'>): string {
	return JSON.stringify([source, sourceId]);
}

/** What the source says, wherever in a file that is. */
function printOf({ line: _line, ...said }: Historic): string {
	return createHash('sha256').update(canonicalJson(said)).digest('hex');
}

function beginningOf({ declaredAt, resolvedAt, updates }: Historic): number {
	return declaredAt ?? updates[0]?.at ?? resolvedAt ?? 0;
}

interface Writing {
	readonly parts: CreateParts;
	readonly person: Person;
	readonly report: (done: number) => void;
}

async function writeSome(
	tx: TransactionSql,
	incidents: readonly Historic[],
	{ parts, person, report }: Writing,
): Promise<{ outcomes: Outcome[]; open: TurnNotice[] }> {
	await lockImports(tx);
	const known = outcomesOf(incidents, await findImported(tx, incidents));
	const fresh = incidents.filter((one) => !known.has(one));
	const outcomes = [...known.values()];
	const open: TurnNotice[] = [];
	for (let from = 0; from < fresh.length; from += limits.importedAtOnce) {
		const some = fresh.slice(from, from + limits.importedAtOnce);
		for (const { outcome, notice } of await writeFresh(tx, some, { parts, person })) {
			outcomes.push(outcome);
			if (notice) open.push(notice);
		}
		report(outcomes.length);
	}
	return { outcomes, open };
}

async function writeFresh(
	tx: TransactionSql,
	fresh: readonly Historic[],
	{ parts, person }: Pick<Writing, 'parts' | 'person'>,
): Promise<Made[]> {
	const at = await databaseClock(tx);
	const by = person.id;
	const ids = fresh.map(() => randomUUID() as IncidentId);
	const numbers = await insertIncidents(tx, ids, { by, at });
	const context = { now: epochMs(at), by, id: parts.id, nameOf: parts.nameOf };
	const made: Made[] = [];
	for (const [i, historic] of fresh.entries()) {
		const id = ids[i] as IncidentId;
		made.push(make(historic, { id, number: numbers.get(id) ?? 0, at, context }));
		await nextRound();
	}
	await insertImported(
		tx,
		made.map(({ row }) => row),
		{ by, at },
	);
	await insertSnapshots(
		tx,
		made.flatMap(({ snapshot }) => snapshot ?? []),
	);
	await insertProjections(
		tx,
		made.map(({ projection }) => projection),
	);
	return made;
}

/** An incident of one turn, and all that is derived from that. */
interface Made {
	readonly row: ImportedIncident;
	readonly projection: Projection;
	readonly snapshot: (Snapshot & { readonly document: DocumentId }) | null;
	readonly outcome: Outcome;
	/** For those who watch the board, where the incident is not over. */
	readonly notice: TurnNotice | null;
}

function make(
	historic: Historic,
	{ id, number, at, context }: { id: IncidentId; number: number; at: number; context: Context },
): Made {
	const { by, now } = context;
	const seed = plantHistoric(historic, number, context);
	const edits = seedEdits({
		...{ facts: seed.facts, person: by, receivedAt: now },
		write: (content) => seedRoom(content, seed.entries),
	});
	const turn = newTurn(edits);
	const document = roomDocumentOf(id);
	const salt = randomBytes(16);
	const digest = digestOf({ nonce: turn.nonce, salt }, turn.edits);
	const head = headAfter(firstHead(document), { at, digest });
	const isSealed = historic.status === 'closed';
	const { source, sourceId } = historic;
	const print = printOf(historic);
	const row: ImportedIncident = {
		...{ id, source, sourceId, print, ...turn, salt, digest, head, isSealed },
	};
	const doc = documentOf(edits);
	const place = { turn: 1, at: now };
	const projection = projectIncident(id, doc, place);
	const snapshot = isSealed ? { ...makeSnapshot(doc, { turn: 1, head }, 'room'), document } : null;
	doc.destroy();
	const outcome = { line: historic.line, sourceId, number, state: 'imported' } as const;
	const said = { document, turn: 1, at: now, edits: edits.length, facts: seed.facts };
	return { row, projection, snapshot, outcome, notice: isSealed ? null : said };
}

function documentOf(edits: readonly Edit[]): Y.Doc {
	const doc = createDocument('follower');
	doc.transact(() => edits.forEach(({ bytes }) => Y.applyUpdate(doc, bytes)));
	return doc;
}
