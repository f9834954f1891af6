import { createHash } from 'node:crypto';
import type { Sql } from 'postgres';
import type { DocumentKind, PersonId } from '#core/ids.ts';
import { bundleFiles, historyFile, learningFiles } from '#core/review/export/bundleFiles.ts';
import { timelineCsv } from '#core/review/export/csv.ts';
import { labelOf } from '#core/review/export/exported.ts';
import { formatOf, type Manifest, type Stay } from '#core/review/export/manifest.ts';
import { incidentMarkdown } from '#core/review/export/markdown.ts';
import { retroMarkdown } from '#core/retro/export/markdown.ts';
import { fullTime } from '#core/time.ts';
import { readAttendance } from '#server/storage/attendance.ts';
import { claimOf, filesOfHistory, type Named } from './bundleHistory.ts';
import { bundledActions, exportedRetro, type Learning } from './takeLearning.ts';
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
	readonly learning: Learning;
}

/** Whom the histories name, found while their files are made. */
interface Found {
	readonly people: Set<PersonId>;
	readonly room: Named;
	readonly retro: Named;
}

/**
 * The files of a bundle: what a person reads without Muster, and what another Muster makes the very same
 * incident and retrospective of. The same turns give the same bytes of history.
 */
export async function* filesOfBundle(
	parts: BundleParts,
	taken: TakenOut,
): AsyncGenerator<ArchiveFile> {
	const written: Manifest['files'] = {};
	const people = new Set<PersonId>();
	const named = (): Named => ({ people, clients: new Map() });
	const found: Found = { people, room: named(), retro: named() };
	for await (const file of contentsOf(parts, taken, found)) {
		const sha256 = createHash('sha256').update(file.bytes).digest('hex');
		written[file.name] = { bytes: file.bytes.length, sha256 };
		yield file;
	}
	const manifest = await manifestOf(parts, taken, { found, files: written });
	yield textFile(bundleFiles.manifest, `${JSON.stringify(manifest, null, '\t')}\n`);
}

async function* contentsOf(
	{ sql, json, learning }: BundleParts,
	taken: TakenOut,
	found: Found,
): AsyncGenerator<ArchiveFile> {
	yield textFile(bundleFiles.readme, readme(taken, learning));
	yield textFile(bundleFiles.markdown, incidentMarkdown(taken));
	yield textFile(bundleFiles.json, json);
	yield textFile(bundleFiles.csv, timelineCsv(taken));
	yield* filesOfLearning(learning, taken);
	const stays = await staysIn(sql, taken);
	for (const { person } of stays) found.people.add(person);
	yield textFile(bundleFiles.attendance, `${JSON.stringify(stays)}\n`);
	yield* filesOfHistory(sql, taken, found.room);
	if (learning.retro) yield* filesOfHistory(sql, learning.retro, found.retro);
}

function* filesOfLearning(learning: Learning, taken: TakenOut): Generator<ArchiveFile> {
	const retro = exportedRetro(learning, taken);
	if (retro) yield textFile(learningFiles.markdown, retroMarkdown(retro));
	if (learning.actions.length === 0) return;
	const actions = bundledActions(learning, taken);
	yield textFile(learningFiles.actions, `${JSON.stringify(actions, null, '\t')}\n`);
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

async function manifestOf(
	{ sql, isKnown, publicUrl, learning }: BundleParts,
	taken: TakenOut,
	{ found, files }: { found: Found; files: Manifest['files'] },
): Promise<Manifest> {
	const { id, number, reading, nameOf, at, by } = taken;
	const people = [...found.people].filter(isKnown).sort();
	const retro = learning.retro && (await claimOf(sql, learning.retro, found.retro));
	const learnt = { ...(retro ? { retro } : {}), files };
	return {
		format: formatOf(learnt),
		incident: { id, number, title: reading.title },
		...(await claimOf(sql, taken, found.room)),
		source: { name: new URL(publicUrl).host, url: publicUrl },
		exported: { at, by: nameOf(by.id) },
		people: Object.fromEntries(people.map((person) => [person, nameOf(person)])),
		...learnt,
	};
}

function readme(taken: TakenOut, { retro, actions }: Learning): string {
	const { at, by, turn, head } = taken;
	const toRead = [
		[bundleFiles.markdown, 'the incident as text'],
		[bundleFiles.csv, 'its timeline as a table'],
		[bundleFiles.json, 'all of it, for programs'],
		...(retro ? [[learningFiles.markdown, 'what was published of it last, or its draft']] : []),
		...(actions.length > 0 ? [[learningFiles.actions, 'its action items, for programs']] : []),
	];
	const toImport = [
		[folderOf('room'), "every turn, each with its salt, in Muster's own form"],
		...(retro ? [[folderOf('retro'), 'the same of the retrospective']] : []),
		[bundleFiles.attendance, 'who was in the room from when to when'],
		[bundleFiles.manifest, 'what these files are, with their SHA-256'],
	];
	return `${labelOf(taken)} ${taken.reading.title}

This is one incident, with its whole history, as Muster exported it
on ${fullTime(at)} for ${by.name}.
It is as of turn ${turn}; the chain's head after that turn is
${Buffer.from(head).toString('hex')}

To read it, open one of these; no program of ours is needed:

${listed(toRead)}

The rest is for another Muster:

${listed(toImport)}

To bring it into another Muster, an admin runs

  muster import ${labelOf(taken)}.zip

and with "--head" and a head that was published when the incident was closed,
so that nobody can have changed anything since. Import this file as it is:
an archive that was packed anew is not taken.
`;
}

function listed(files: readonly (readonly string[])[]): string {
	return files.map(([name = '', what = '']) => `  ${name.padEnd(18)} ${what}`).join('\n');
}

function folderOf(kind: DocumentKind): string {
	return historyFile(0, kind).replace(/[^/]+$/, '');
}
