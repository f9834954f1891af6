import type { Sql } from 'postgres';
import * as Y from 'yjs';
import { kindOf, type DocumentId, type PersonId } from '#core/ids.ts';
import { factOf, type Context } from '#core/incident/decide.ts';
import { foldRecord, type Deletion } from '#core/incident/fold.ts';
import { partsOf, type RestorablePart } from '#core/incident/parts.ts';
import type { NameOf } from '#core/incident/reading.ts';
import { isRemoval, readFacts, type Fact } from '#core/incident/record.ts';
import { Refusal } from '#core/refusal.ts';
import type { Person } from '#core/response/access.ts';
import { epochMs } from '#core/time.ts';
import type { Opening } from '#server/opening/opening.ts';
import type { Workbench } from '#server/opening/workshop.ts';
import { appendTurn, lockDocument } from '#server/storage/documents.ts';
import { readTurnTime } from '#server/storage/places.ts';
import { endQuarantine, passOver } from '#server/storage/quarantines.ts';
import type { Asker } from '#server/sync/turn/asks.ts';
import { encodeFacts, endOfRecord, newClientId, originOf } from '#server/sync/turn/facts.ts';
import { newTurn } from '#server/sync/journal.ts';
import type { Rooms } from '#server/sync/rooms.ts';

export interface RestoreParts {
	readonly sql: Sql;
	readonly rooms: Pick<Rooms, 'read' | 'restore' | 'quarantineOf' | 'openAnew'>;
	readonly opening: Pick<Opening, 'version'>;
	readonly workbench: Pick<Workbench, 'restore'>;
	readonly id: () => string;
	readonly nameOf: NameOf;
	/** Turns of a document are passed over from now on. */
	readonly passedOver: (document: DocumentId) => Promise<void>;
}

/** Which version: after a turn, or what the last big deletion took away. */
export type Wanted = { readonly turn: number } | { readonly beforeLastDeletion: true };

/** What was written, and the version that the incident's parts read as now. */
export interface Restored {
	readonly turn: number;
	readonly facts: readonly Fact[];
}

/**
 * Brings a document back to an earlier version by a change that goes forward: what people
 * write reads as it did, the record stays, and who was offline merges once. Throws a `Refusal`.
 */
export async function restoreVersion(
	parts: RestoreParts,
	document: DocumentId,
	{ asker, wanted }: { asker: Asker; wanted: Wanted },
): Promise<Restored> {
	const { turn, of } = await whichVersion(parts, document, wanted);
	const at = await readTurnTime(parts.sql, document, turn);
	if (at === null) throw new Refusal('invalid', 'There is no such turn.', 'turn');
	// Counted before anything is read: what is removed from here on is not to come back with it.
	const removals = await parts.rooms.read(
		document,
		(doc) => readFacts(doc).filter(isRemoval).length,
	);
	const version = await parts.opening.version(document, turn);
	const later = await parts.rooms.read(document, (doc) => Y.encodeStateAsUpdate(doc));
	const client = newClientId();
	const bytes = await parts.workbench.restore({ version, later, client, parts: of });
	if (!bytes) return { turn, facts: [] };
	const { facts } = await parts.rooms.restore(document, asker, {
		version: { turn, at: epochMs(at), parts: of },
		update: { client, bytes },
		removals,
	});
	return { turn, facts };
}

async function whichVersion(
	{ rooms }: RestoreParts,
	document: DocumentId,
	wanted: Wanted,
): Promise<{ turn: number; of: readonly RestorablePart[] }> {
	if ('turn' in wanted) return { turn: wanted.turn, of: partsOf(kindOf(document)) };
	const deletion = await rooms.read(document, lastDeletion);
	if (!deletion) throw new Refusal('conflict', 'Nobody deleted much here that is not restored.');
	return { turn: deletion.turn - 1, of: deletion.parts };
}

function lastDeletion(doc: Y.Doc): Deletion | null {
	return foldRecord(readFacts(doc)).deletion;
}

/**
 * Opens a document for editing again that could not be opened whole: the turns that cannot be are
 * passed over from now on, and stay in the journal. Throws a `Refusal`.
 */
export async function leaveOut(
	parts: RestoreParts,
	document: DocumentId,
	person: Person,
): Promise<Restored> {
	const after = await parts.rooms.read(document, endOfRecord);
	const written = await parts.sql.begin(async (tx) => {
		const place = await lockDocument(tx, document);
		const bad = await endQuarantine(tx, document);
		if (!bad) throw new Refusal('conflict', 'This incident can be opened whole.');
		const leftOut = { from: bad.turn + 1, to: place.turn };
		await passOver(tx, document, { ...leftOut, by: person.id, why: bad.why });
		const now = epochMs(place.at);
		const at = epochMs((await readTurnTime(tx, document, bad.turn)) ?? place.at);
		const fact = factOf(contextOf(parts, person.id, now), {
			kind: 'restored',
			...{ turn: bad.turn, at, parts: partsOf(kindOf(document)), leftOut },
		});
		const client = newClientId();
		const bytes = encodeFacts([fact], { client, clock: 0, after });
		const edits = [{ ...originOf(person.id, now), kind: 'facts' as const, client, bytes }];
		await appendTurn(tx, document, { ...newTurn(edits), at: place.at });
		return { turn: bad.turn, facts: [fact] };
	});
	await parts.passedOver(document);
	return written;
}

function contextOf({ id, nameOf }: RestoreParts, by: PersonId, now: number): Context {
	return { now, by, id, nameOf };
}
