import type { Sql, TransactionSql } from 'postgres';
import { roomDocumentOf, type IncidentId, type PersonId } from '#core/ids.ts';
import { journalBytes } from '#core/incident/history.ts';
import type { Fact } from '#core/incident/record.ts';
import type { Manifest } from '#core/review/export/manifest.ts';
import { Refusal } from '#core/refusal.ts';
import { systemPerson } from '#server/auth/systemPerson.ts';
import { limits } from '#server/limits.ts';
import type { Material } from '#server/opening/material.ts';
import type { Workbench } from '#server/opening/workshop.ts';
import { isStoreAway } from '#server/storage/away.ts';
import { keepSourceAttendance } from '#server/storage/attendance.ts';
import { bindClients } from '#server/storage/clients.ts';
import {
	insertForeignDocument,
	insertForeignIncident,
	insertForeignPassed,
	insertForeignTurns,
	type ForeignTurn,
} from '#server/storage/importedHistory.ts';
import { keepProvenance, readKnownIncident } from '#server/storage/provenance.ts';
import { idsIn } from './bundle.ts';
import { judgeHistory, type JudgedHistory } from './judgeHistory.ts';
import { Slices } from './slices.ts';
import { openBundle, refusal, type Bundle, type ChainedTurn } from './openBundle.ts';

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
	readonly facts: readonly Fact[];
}

/**
 * Takes in an incident that another Muster has exported: under its own id and a new number, with the
 * identical history, so that the document is the identical one. Its people stay the other Muster's. All
 * is looked at before anything is written, and then all of it or nothing. Throws a `Refusal`.
 */
export async function importBundle(
	parts: ImportParts,
	archive: Uint8Array,
	{ by, knownHead }: { by: PersonId; knownHead: string | null },
): Promise<ImportedIncident> {
	const bundle = await openBundle(archive);
	const { manifest, turns } = bundle;
	const { id, title } = manifest.incident;
	await refuseTwice(parts.sql, id);
	const knownTurn = knownHead === null ? null : turnWith(turns, knownHead);
	const isPassed = passedBy(manifest);
	await tryOut(parts.workbench, turns, isPassed);
	const judged = await judgeHistory(turns, isPassed);
	refuseOtherClients(manifest, judged);
	refuseSaltless(turns, judged.facts, isPassed);
	const people = await peopleIn(bundle, new Set(parts.people()));
	const number = await writeAll(parts.sql, { ...bundle, judged, people, by, knownTurn });
	return { id, number, title, turns: manifest.turns, knownTurn, facts: judged.facts };
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

/** Asked for every turn, so that it is worked out once for each. */
function passedBy({ passed, turns }: Manifest): (turn: number) => boolean {
	const marks = new Uint8Array(turns + 1);
	for (const { from, to } of passed) marks.fill(1, from, to + 1);
	return (turn) => marks[turn] === 1;
}

/**
 * What the document would do here, it does to a process of its own first; in stretches, each from the
 * state in which the one before ends, so that its length is no fault.
 */
async function tryOut(
	workbench: ImportParts['workbench'],
	turns: readonly ChainedTurn[],
	isPassed: (turn: number) => boolean,
): Promise<void> {
	const read = turns.filter(({ turn }) => !isPassed(turn));
	const unreadable = read.find((turn) => turn.unreadable);
	if (unreadable) throw refusal(`Turn ${unreadable.turn} cannot be read.`);
	let state: Uint8Array | null = null;
	for (let begun = 0; ; begun += limits.openTurns) {
		const stretch = read.slice(begun, begun + limits.openTurns);
		const isLast = begun + stretch.length >= read.length;
		const material: Material = {
			state,
			turns: stretch.map(({ edits }) => edits.map(({ bytes }) => bytes)),
		};
		const next = isLast ? null : await workbench.advance(material);
		if (next) {
			state = next;
			continue;
		}
		const verdict = await workbench.try(material);
		if (verdict.isGood && isLast) return;
		const at = verdict.isGood ? stretch.length : Math.max(1, verdict.at);
		const turn = stretch[Math.min(at, stretch.length) - 1]?.turn ?? 1;
		throw refusal(`Turn ${turn}: its document cannot be opened.`);
	}
}

function refuseOtherClients({ clients }: Manifest, { owners }: JudgedHistory): void {
	const said = new Map(Object.entries(clients));
	const isSame =
		said.size >= owners.size &&
		[...owners].every(([client, person]) => said.get(String(client)) === person);
	if (!isSame) throw refusal('Its manifest says otherwise who wrote under which client id.');
}

/** A salt is gone only where the record says that something was removed; else anything could stand there. */
function refuseSaltless(
	turns: readonly ChainedTurn[],
	facts: readonly Fact[],
	isPassed: (turn: number) => boolean,
): void {
	const removed = facts.flatMap((fact) => (fact.kind === 'removed' ? fact.turns : []));
	const odd = turns.find(
		({ turn, proof }) =>
			proof.salt === null &&
			!isPassed(turn) &&
			!removed.some(([from, to]) => from <= turn && turn <= to),
	);
	if (odd)
		throw refusal(`Turn ${odd.turn}: Its salt is gone, and nothing says that it was removed.`);
}

/**
 * Whom the history names, as they are called at the source. An id of ours that stands in it is somebody
 * of the source's too, whatever its manifest says.
 */
async function peopleIn(
	{ turns, stays, manifest }: Bundle,
	ours: ReadonlySet<PersonId>,
): Promise<ReadonlyMap<PersonId, string>> {
	const ids = new Set<PersonId>(stays.map(({ person }) => person));
	const authors = new Set<PersonId>();
	const slices = new Slices(limits.sliceMs);
	for (const { edits } of turns) {
		if (slices.isOver) await slices.pass();
		for (const { person, bytes } of edits) {
			authors.add(person);
			for (const id of idsIn(bytes)) ids.add(id);
		}
	}
	const named = new Map(Object.entries(manifest.people));
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

type Writing = Bundle & {
	readonly judged: JudgedHistory;
	readonly people: ReadonlyMap<PersonId, string>;
	readonly by: PersonId;
	readonly knownTurn: number | null;
};

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
	const { manifest, turns, stays, judged, people, by, knownTurn } = writing;
	const { id, number: sourceNumber } = manifest.incident;
	const [first, last] = [turns.at(0), turns.at(-1)];
	if (!first || !last) throw refusal('Turn 1 is missing.');
	const number = await insertForeignIncident(tx, id, { by, at: first.at });
	if (number === null) throw isHere((await readKnownIncident(tx, id))?.number ?? 0);
	await insertForeignDocument(tx, id, { ...foreign(last), sealedAt: sealedAt(judged) });
	for (let from = 0; from < turns.length; from += turnsAtOnce) {
		await insertForeignTurns(tx, id, turns.slice(from, from + turnsAtOnce).map(foreign));
	}
	const passed = manifest.passed.map((one) => ({ ...one, by: systemPerson }));
	await insertForeignPassed(tx, id, passed);
	const bindings = new Map([...judged.clients].map((client) => [client, systemPerson]));
	await bindClients(tx, roomDocumentOf(id), bindings);
	const source = readable(manifest.source.name);
	const { turn, head } = last;
	const kept = { source, sourceNumber, importedBy: by, turn, head, knownTurn, people };
	await keepProvenance(tx, id, kept);
	await keepSourceAttendance(tx, id, stays);
	return number;
}

const turnsAtOnce = 500;

function foreign(turn: ChainedTurn): ForeignTurn {
	const { at, proof, digest, head } = turn;
	const { nonce, salt } = proof;
	return { turn: turn.turn, at, edits: journalBytes(turn), nonce, salt, digest, head };
}

/** When it was closed, in microseconds; null if it is not. */
function sealedAt({ facts, isSealed }: JudgedHistory): number | null {
	const closing = facts.findLast((fact) => fact.kind === 'status' && fact.status === 'closed');
	return isSealed && closing ? closing.recordedAt * 1_000 : null;
}
