import { createHash } from 'node:crypto';
import { documentOf, type DocumentKind } from '#core/ids.ts';
import {
	decodeHistory,
	encodeHistory,
	journalBytes,
	type HistoryTurn,
	type Proof,
} from '#core/incident/history.ts';
import { bundleFiles, historyFile, historyKindOf } from '#core/review/export/bundleFiles.ts';
import { readManifest, type Manifest } from '#core/review/export/manifest.ts';
import { digestOf, firstHead, headAfter } from '#server/storage/chain.ts';
import { readZip } from '#server/history/unzip.ts';
import { writeZip, type ArchiveFile } from '#server/history/zip.ts';
import type { TestApi } from './api.ts';

/** A bundle's files by name. */
export type Files = Map<string, Uint8Array>;

/** Exports an incident and gives the archive. */
export async function exportBundle(
	{ url, adminToken }: Pick<TestApi, 'url' | 'adminToken'>,
	incident: string | number,
	token = adminToken,
): Promise<Buffer<ArrayBuffer>> {
	const response = await fetch(`${url}/api/v1/incidents/${incident}/export`, {
		headers: { Authorization: `Bearer ${token}` },
	});
	if (response.status !== 200) throw new Error(`Not exported: ${await response.text()}`);
	return Buffer.from(await response.arrayBuffer());
}

export async function filesIn(archive: Uint8Array): Promise<Files> {
	return new Map(await readZip(archive, () => true));
}

export function manifestIn(files: Files): Manifest {
	const manifest = readManifest(JSON.parse(textIn(files, bundleFiles.manifest)));
	if (!manifest) throw new Error('A bundle without a manifest.');
	return manifest;
}

export function textIn(files: Files, name: string): string {
	return new TextDecoder().decode(files.get(name));
}

/** The files of a document's history, in their order. */
export function historyIn(files: Files, kind: DocumentKind = 'room'): Buffer[] {
	return [...files].flatMap(([name, bytes]) =>
		historyKindOf(name) === kind ? [Buffer.from(bytes)] : [],
	);
}

/** Files as an archive, as Muster itself packs them. */
export async function packed(files: Files): Promise<Buffer<ArrayBuffer>> {
	async function* each(): AsyncGenerator<ArchiveFile> {
		for (const [name, bytes] of files) yield { name, bytes };
	}
	return Buffer.concat(await Array.fromAsync(writeZip(each(), 0)));
}

/** Imports an archive as an admin, or as whoever has this token. */
export async function importBundle(
	{ url, adminToken }: Pick<TestApi, 'url' | 'adminToken'>,
	archive: Uint8Array<ArrayBuffer>,
	{ token = adminToken, head }: { token?: string; head?: string } = {},
): Promise<{ status: number; body: unknown }> {
	const query = head === undefined ? '' : `?head=${head}`;
	const response = await fetch(`${url}/api/v1/imports/bundle${query}`, {
		method: 'POST',
		headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/zip' },
		body: archive,
	});
	return { status: response.status, body: (await response.json()) as unknown };
}

/** A bundle whose history was changed by somebody who can count: chain, digests and manifest fit again. */
export async function forged(
	files: Files,
	change: (turns: HistoryTurn[]) => readonly HistoryTurn[],
	claim: (manifest: Manifest) => object = (manifest) => manifest,
): Promise<Buffer<ArrayBuffer>> {
	const manifest = manifestIn(files);
	const { changed, turns, head } = rechained(files, 'room', change);
	return sealed(changed, claim({ ...manifest, turns, head }));
}

/** The same of a bundle's retrospective. */
export async function forgedRetro(
	files: Files,
	change: (turns: HistoryTurn[]) => readonly HistoryTurn[],
): Promise<Buffer<ArrayBuffer>> {
	const manifest = manifestIn(files);
	const { changed, turns, head } = rechained(files, 'retro', change);
	return sealed(changed, { ...manifest, retro: { ...manifest.retro, turns, head } });
}

function rechained(
	files: Files,
	kind: DocumentKind,
	change: (turns: HistoryTurn[]) => readonly HistoryTurn[],
): { changed: Files; turns: number; head: string } {
	const turns = change(historyIn(files, kind).flatMap((bytes) => decodeHistory(bytes)));
	const changed = new Map([...files].filter(([name]) => historyKindOf(name) !== kind));
	changed.set(historyFile(0, kind), encodeHistory(turns, { withProof: true }));
	const head = turns.reduce<Uint8Array>(
		(before, turn) => {
			const digest = digestOf(turn.proof as Proof, journalBytes(turn));
			return headAfter(before, { at: turn.at, digest });
		},
		firstHead(documentOf(manifestIn(files).incident.id, kind)),
	);
	return { changed, turns: turns.length, head: Buffer.from(head).toString('hex') };
}

/** Files with a manifest that names them as they are. */
export async function sealed(files: Files, manifest: object): Promise<Buffer<ArrayBuffer>> {
	const all = new Map([...files].filter(([name]) => name !== bundleFiles.manifest));
	const said = Array.from(all, ([name, bytes]) => {
		const sha256 = createHash('sha256').update(bytes).digest('hex');
		return [name, { bytes: bytes.length, sha256 }] as const;
	});
	const json = JSON.stringify({ ...manifest, files: Object.fromEntries(said) });
	all.set(bundleFiles.manifest, new TextEncoder().encode(json));
	return packed(all);
}
