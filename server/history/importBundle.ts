import type { Sql, TransactionSql } from 'postgres';
import type { IncidentId, PersonId } from '#core/ids.ts';
import { journalBytes } from '#core/incident/history.ts';
import { Refusal } from '#core/refusal.ts';
import { systemPerson } from '#server/auth/systemPerson.ts';
import { limits } from '#server/limits.ts';
import type { Workbench } from '#server/opening/workshop.ts';
import { insertForeignActions } from '#server/storage/actions.ts';
import { isStoreAway } from '#server/storage/away.ts';
import { keepSourceAttendance } from '#server/storage/attendance.ts';
import { bindClients } from '#server/storage/clients.ts';
import { schemaWithRetros } from '#server/storage/documents.ts';
import {
	insertForeignDocument,
	insertForeignIncident,
	insertForeignPassed,
	insertForeignTurns,
	type ForeignTurn,
} from '#server/storage/importedHistory.ts';
import { needSchema } from '#server/storage/migrate.ts';
import { keepProvenance, readKnownIncident } from '#server/storage/provenance.ts';
import { idsIn } from './bundleHistory.ts';
import { judgeBundle, type Acceptable } from './judgeBundle.ts';
import { Slices } from './slices.ts';
import { historiesOf, openBundle, refusal, type Bundle, type ChainedTurn } from './openBundle.ts';

export interface ImportParts {
	readonly sql: Sql;
	readonly workbench: Pick<Workbench, 'try' | 'advance'>;
	/** Everybody of here. */
	readonly people: () => Iterable<PersonId>;
}

/** An incident that came from elsewhere. */
export interface ImportedIncident {
	readonly id: IncidentId;
	readonly number: number;
	readonly title: string;
	readonly turns: number;
	/** Up to which turn the given head vouches for it; null if none was given. */
	readonly knownTurn: number | null;
	readonly documents: readonly Acceptable[];
}

/**
 * Takes in an incident that another Muster has exported, with its retrospective: under its own id and a
 * new number, with identical histories, so that the documents are the identical ones. Its people stay the other Muster's. All
 * is looked at before anything is written, and then all of it or nothing. Throws a `Refusal`.
 */
export async function importBundle(
	parts: ImportParts,
	archive: Uint8Array,
	{ by, knownHead }: { by: PersonId; knownHead: string | null },
): Promise<ImportedIncident> {
	const bundle = await openBundle(archive);
	const { manifest, room } = bundle;
	const { id, title } = manifest.incident;
	await refuseTwice(parts.sql, id);
	const knownTurn = knownHead === null ? null : turnWith(room.turns, knownHead);
	const judged = await judgeBundle(parts.workbench, bundle);
	const people = await peopleIn(bundle, new Set(parts.people()));
	const number = await writeAll(parts.sql, { ...bundle, ...judged, people, by, knownTurn });
	const documents = [judged.room, ...(judged.retro ? [judged.retro] : [])];
	return { id, number, title, turns: manifest.turns, knownTurn, documents };
}

async function refuseTwice(sql: Sql, id: IncidentId): Promise<void> {
	const known = await readKnownIncident(sql, id);
	if (known) throw isHere(known.number);
}

function isHere(number: number): Refusal {
	return new Refusal('conflict', `This incident is here already, as INC-${number}.`);
}

function turnWith(turns: readonly ChainedTurn[], hex: string): number {
	const wanted = Buffer.from(hex, 'hex');
	const found = turns.find(({ head }) => wanted.equals(head));
	if (found) return found.turn;
	throw refusal('The head that you gave is not in its chain: it is not the history that you know.');
}

/**
 * Whom the histories name, as they are called at the source. An id of ours that stands in them is somebody
 * of the source's too, whatever the manifest says.
 */
async function peopleIn(
	bundle: Bundle,
	ours: ReadonlySet<PersonId>,
): Promise<ReadonlyMap<PersonId, string>> {
	const ids = new Set<PersonId>(bundle.stays.map(({ person }) => person));
	const authors = new Set<PersonId>();
	const slices = new Slices(limits.sliceMs);
	for (const { edits } of historiesOf(bundle).flatMap(({ turns }) => turns)) {
		if (slices.isOver) await slices.pass();
		for (const { person, bytes } of edits) {
			authors.add(person);
			for (const id of idsIn(bytes)) ids.add(id);
		}
	}
	const named = new Map(Object.entries(bundle.manifest.people));
	const people = new Map<PersonId, string>();
	for (const id of new Set([...authors, ...ids])) {
		const name = named.get(id);
		if (name !== undefined) people.set(id, readable(name));
		else if (authors.has(id) || ours.has(id)) people.set(id, 'Somebody');
	}
	return people;
}

/** On one line, and read in the order in which it is written. */
function readable(name: string): string {
	const plain = name
		.replace(/[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, ' ')
		.toWellFormed();
	return plain.trim() || 'Somebody';
}

interface Writing extends Bundle {
	readonly room: Acceptable;
	readonly retro: Acceptable | null;
	readonly people: ReadonlyMap<PersonId, string>;
	readonly by: PersonId;
	readonly knownTurn: number | null;
}

async function writeAll(sql: Sql, writing: Writing): Promise<number> {
	try {
		return await sql.begin((tx) => write(tx, writing));
	} catch (error) {
		if (!isStoreAway(error)) throw error;
		throw new Refusal(
			'unclear',
			'The store did not answer, so this may or may not be written. Import it again: if it is, that is told.',
		);
	}
}

async function write(tx: TransactionSql, writing: Writing): Promise<number> {
	const { manifest, room, retro, stays, actions, people, by, knownTurn } = writing;
	const { id, number: sourceNumber } = manifest.incident;
	const [first, last] = [room.turns.at(0), room.turns.at(-1)];
	if (!first || !last) throw refusal('Turn 1 is missing.');
	const number = await insertForeignIncident(tx, id, { by, at: first.at });
	if (number === null) throw isHere((await readKnownIncident(tx, id))?.number ?? 0);
	await writeHistory(tx, room);
	if (retro) {
		await writeHistory(tx, retro);
		await needSchema(tx, schemaWithRetros);
	}
	const source = readable(manifest.source.name);
	const { turn, head } = last;
	const kept = { source, sourceNumber, importedBy: by, turn, head, knownTurn, people };
	await keepProvenance(tx, id, kept);
	await keepSourceAttendance(tx, id, stays);
	await insertForeignActions(tx, id, { actions, by });
	return number;
}

async function writeHistory(tx: TransactionSql, history: Acceptable): Promise<void> {
	const { document, turns, claim, clients } = history;
	const last = turns.at(-1);
	if (!last) throw refusal('Turn 1 is missing.');
	await insertForeignDocument(tx, document, { ...foreign(last), sealedAt: sealedAt(history) });
	for (let from = 0; from < turns.length; from += turnsAtOnce) {
		await insertForeignTurns(tx, document, turns.slice(from, from + turnsAtOnce).map(foreign));
	}
	const passed = claim.passed.map((one) => ({ ...one, by: systemPerson }));
	await insertForeignPassed(tx, document, passed);
	await bindClients(tx, document, new Map([...clients].map((client) => [client, systemPerson])));
}

const turnsAtOnce = 500;

function foreign(turn: ChainedTurn): ForeignTurn {
	const { at, proof, digest, head } = turn;
	const { nonce, salt } = proof;
	return { turn: turn.turn, at, edits: journalBytes(turn), nonce, salt, digest, head };
}

/** When it was closed, in microseconds; null if it is not. */
function sealedAt({ facts, isSealed }: Acceptable): number | null {
	const closing = facts.findLast((fact) => fact.kind === 'status' && fact.status === 'closed');
	return isSealed && closing ? closing.recordedAt * 1_000 : null;
}
