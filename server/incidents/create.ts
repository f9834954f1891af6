import { randomUUID } from 'node:crypto';
import type { TransactionSql } from 'postgres';
import { roomDocumentOf, type IncidentId } from '#core/ids.ts';
import type { Context } from '#core/incident/decide.ts';
import type { NameOf } from '#core/incident/reading.ts';
import type { Fact } from '#core/incident/record.ts';
import { Refusal } from '#core/refusal.ts';
import { epochMs } from '#core/time.ts';
import { patiently } from '#server/storage/away.ts';
import type { Database } from '#server/storage/database.ts';
import { createDocument, databaseClock } from '#server/storage/documents.ts';
import { findDeclared, insertIncident, type DeclaredIncident } from '#server/storage/incidents.ts';
import type { Asker } from '#server/sync/turn/asks.ts';
import { seedEdits, seedRoom, type SeedEntry } from '#server/sync/turn/facts.ts';
import { newTurn } from '#server/sync/journal.ts';
import type { TurnNotice } from '#server/sync/notice.ts';

export interface CreateParts {
	readonly db: Database;
	readonly id: () => string;
	readonly nameOf: NameOf;
	/** Hears of an incident's first turn once it is committed. */
	readonly notice: (turn: TurnNotice) => void;
}

/** What an incident begins with. */
export interface Seed {
	readonly facts: readonly Fact[];
	readonly entries?: readonly SeedEntry[];
}

/** Makes an incident's first facts and entries; asked again whenever the store has to be. */
export type Plant = (number: number, context: Context) => Seed;

export interface Created {
	readonly id: IncidentId;
	readonly number: number;
	/** Epoch ms. */
	readonly declaredAt: number;
	/** The same key was used before: this is the first one. */
	readonly isRepeat: boolean;
}

/** One creation, however often the store is asked for it. */
interface Creation {
	readonly id: IncidentId;
	readonly asker: Asker;
	readonly plant: Plant;
	/** Nobody waits any more: it must not be written. */
	isWithdrawn: boolean;
	/** What may be committed from here on. */
	sent: TurnNotice | null;
}

/**
 * Creates an incident with its document and its first turn, all or nothing. While the store is away
 * it waits. Throws a `Refusal`: `unavailable` (nothing was written), `unclear`, or `conflict` for a
 * key that was used for something else.
 */
export async function createIncident(
	parts: CreateParts,
	asker: Asker,
	plant: Plant,
): Promise<Created> {
	const id = randomUUID() as IncidentId;
	const creation: Creation = { id, asker, plant, isWithdrawn: false, sent: null };
	try {
		const created = await patiently(() => tryOnce(parts, creation));
		if (!created.isRepeat && creation.sent) parts.notice(creation.sent);
		return created;
	} catch (error) {
		creation.isWithdrawn = true;
		throw creation.sent ? fateOf(error) : error;
	}
}

/** Whether a commit that was sent has happened is not known. */
function fateOf(error: unknown): unknown {
	if (!(error instanceof Refusal) || error.code !== 'unavailable') return error;
	return new Refusal(
		'unclear',
		'The store did not answer, so this may or may not be written. Repeat it with the same key.',
	);
}

function tryOnce(parts: CreateParts, creation: Creation): Promise<Created> {
	const { id, asker } = creation;
	const key = asker.key ?? null;
	const print = asker.print ?? null;
	return parts.db.sql.begin(async (tx) => {
		const find = () => findDeclared(tx, id, { person: asker.person.id, key });
		const known = await find();
		if (known) return earlier(known, creation);
		const at = await databaseClock(tx);
		const number = await insertIncident(tx, { id, by: asker.person.id, key, print, at });
		if (number === null) {
			const faster = await find();
			if (!faster) throw new Error('An incident is neither new nor known.');
			return earlier(faster, creation);
		}
		const sent = await writeFirstTurn(tx, { parts, creation, number, at });
		if (creation.isWithdrawn) throw new Error('The store answered too late.');
		creation.sent = sent;
		return { id, number, declaredAt: sent.at, isRepeat: false };
	});
}

/** What was declared before: by an earlier try of this one, or under the same key. */
function earlier(known: DeclaredIncident, { id, asker }: Creation): Created {
	if (known.id !== id && known.print !== (asker.print ?? null)) {
		throw new Refusal('conflict', 'This key was used for another request.', 'idempotencyKey');
	}
	const declaredAt = epochMs(known.at);
	return { id: known.id, number: known.number, declaredAt, isRepeat: known.id !== id };
}

async function writeFirstTurn(
	tx: TransactionSql,
	first: { parts: CreateParts; creation: Creation; number: number; at: number },
): Promise<TurnNotice> {
	const { parts, creation, number, at } = first;
	const { asker, id, plant } = creation;
	const now = epochMs(at);
	const context = {
		now,
		by: asker.person.id,
		id: parts.id,
		nameOf: parts.nameOf,
		...(asker.key === undefined ? {} : { key: asker.key }),
		...(asker.print === undefined ? {} : { print: asker.print }),
	};
	const seed = plant(number, context);
	const { facts, entries } = seed;
	const edits = seedEdits({
		...{ facts, person: asker.person.id, receivedAt: now },
		write: (doc) => seedRoom(doc, entries),
	});
	const document = roomDocumentOf(id);
	const place = await createDocument(tx, document, { ...newTurn(edits), at });
	if (!place) throw new Error('A new incident has a document already.');
	return { document, turn: place.turn, at: now, edits: edits.length, facts };
}
