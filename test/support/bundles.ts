import { bundleFiles, readManifest, type Manifest } from '#core/review/export/manifest.ts';
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

/** The files of the history, in their order. */
export function historyIn(files: Files): Buffer[] {
	return [...files].flatMap(([name, bytes]) =>
		name.startsWith('history/') ? [Buffer.from(bytes)] : [],
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
