import { createHash } from 'node:crypto';
import type { Sql } from 'postgres';
import { isUuid, type PersonId } from '#core/ids.ts';
import { encodeHistory, type HistoryTurn } from '#core/incident/history.ts';
import type { Edit } from '#core/incident/turn.ts';
import { timelineCsv } from '#core/review/export/csv.ts';
import { labelOf } from '#core/review/export/exported.ts';
import {
	bundleFiles,
	bundleFormat,
	editsPerFile,
	historyFile,
	turnsPerFile,
	type Manifest,
	type Stay,
} from '#core/review/export/manifest.ts';
import { incidentMarkdown } from '#core/review/export/markdown.ts';
import { fullTime } from '#core/time.ts';
import { limits } from '#server/limits.ts';
import { readAttendance } from '#server/storage/attendance.ts';
import { readHistory } from '#server/storage/history.ts';
import { readLeftOut } from '#server/storage/quarantines.ts';
import { clientsOf } from '#server/sync/nodes/catchUp.ts';
import { Slices } from './slices.ts';
import type { TakenOut } from './takeOut.ts';
import type { ArchiveFile } from './zip.ts';

export interface BundleParts {
	readonly sql: Sql;
	/** Who is known by name: people of here, or whom an imported incident brought along. */
	readonly isKnown: (person: PersonId) => boolean;
	/** The address that people use. */
	readonly publicUrl: string;
	/** The reading as the API answers it. */
	readonly json: string;
}

/** Whom a history names, found while it is read. */
interface Found {
	readonly people: Set<PersonId>;
	readonly clients: Map<number, PersonId>;
}

/**
 * The files of a bundle: what a person reads without Muster, and what another Muster makes the very same
 * incident of. The same turns give the same bytes of history.
 */
export async function* filesOfBundle(
	parts: BundleParts,
	taken: TakenOut,
): AsyncGenerator<ArchiveFile> {
	const written: Record<string, { bytes: number; sha256: string }> = {};
	const found: Found = { people: new Set(), clients: new Map() };
	for await (const file of contentsOf(parts, taken, found)) {
		const sha256 = createHash('sha256').update(file.bytes).digest('hex');
		written[file.name] = { bytes: file.bytes.length, sha256 };
		yield file;
	}
	const manifest = await manifestOf(parts, taken, { found, files: written });
	yield textFile(bundleFiles.manifest, `${JSON.stringify(manifest, null, '\t')}\n`);
}

async function* contentsOf(
	{ sql, json }: BundleParts,
	taken: TakenOut,
	found: Found,
): AsyncGenerator<ArchiveFile> {
	yield textFile(bundleFiles.readme, readme(taken));
	yield textFile(bundleFiles.markdown, incidentMarkdown(taken));
	yield textFile(bundleFiles.json, json);
	yield textFile(bundleFiles.csv, timelineCsv(taken));
	const stays = await staysIn(sql, taken);
	for (const { person } of stays) found.people.add(person);
	yield textFile(bundleFiles.attendance, `${JSON.stringify(stays)}\n`);
	let index = 0;
	const slices = new Slices(limits.sliceMs);
	for await (const turns of blocksOf(sql, taken)) {
		for (const turn of turns) {
			look(turn, found);
			if (slices.isOver) await slices.pass();
		}
		yield { name: historyFile(index), bytes: encodeHistory(turns, { withProof: true }) };
		index += 1;
	}
}

function textFile(name: string, text: string): ArchiveFile {
	return { name, bytes: new TextEncoder().encode(text) };
}

async function staysIn(sql: Sql, { id, at }: TakenOut): Promise<Stay[]> {
	const attended = await readAttendance(sql, id);
	return attended.map(({ person, conn, enteredAt, leftAt }) => {
		return { person, conn, enteredAt, leftAt: leftAt ?? Math.max(at, enteredAt) };
	});
}

async function* blocksOf(
	sql: Sql,
	{ document, turn: last }: TakenOut,
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
function look({ edits }: HistoryTurn, { people, clients }: Found): void {
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

async function manifestOf(
	{ sql, isKnown, publicUrl }: BundleParts,
	taken: TakenOut,
	{ found, files }: { found: Found; files: Manifest['files'] },
): Promise<Manifest> {
	const { id, number, reading, nameOf, turn, head, at, by, document } = taken;
	const people = [...found.people].filter(isKnown).sort();
	const clients = [...found.clients].sort(([a], [b]) => a - b);
	const leftOut = await readLeftOut(sql, document);
	return {
		format: bundleFormat,
		incident: { id, number, title: reading.title },
		turns: turn,
		head: Buffer.from(head).toString('hex'),
		source: { name: new URL(publicUrl).host, url: publicUrl },
		exported: { at, by: nameOf(by.id) },
		people: Object.fromEntries(people.map((person) => [person, nameOf(person)])),
		clients: Object.fromEntries(clients),
		passed: leftOut
			.filter(({ from }) => from <= turn)
			.map((one) => ({ ...one, to: Math.min(one.to, turn) })),
		files,
	};
}

function readme(taken: TakenOut): string {
	const { at, by, turn, head } = taken;
	return `${labelOf(taken)} ${taken.reading.title}

This is one incident, with its whole history, as Muster exported it
on ${fullTime(at)} for ${by.name}.
It is as of turn ${turn}; the chain's head after that turn is
${Buffer.from(head).toString('hex')}

To read it, open one of these; no program of ours is needed:

  ${bundleFiles.markdown.padEnd(16)} the incident as text
  ${bundleFiles.csv.padEnd(16)} its timeline as a table
  ${bundleFiles.json.padEnd(16)} all of it, for programs

The rest is for another Muster:

  history/         every turn, each with its salt, in Muster's own form
  ${bundleFiles.attendance.padEnd(16)} who was in the room from when to when
  ${bundleFiles.manifest.padEnd(16)} what these files are, with their SHA-256

To bring it into another Muster, an admin runs

  muster import ${labelOf(taken)}.zip

and with "--head" and a head that was published when the incident was closed,
so that nobody can have changed anything since. Import this file as it is:
an archive that was packed anew is not taken.
`;
}
