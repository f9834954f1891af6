import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const ownMigrations = path.join(root, 'server/storage/migrations');

/** The newest schema that this Muster knows. */
export const newestSchema = Number.parseInt((await readdir(ownMigrations)).sort().at(-1) ?? '', 10);

/** What newer releases do to the schema: first they add, and a release later they take away. */
export const expanding = `-- oldest: ${newestSchema}
alter table incidents add column mood text not null default 'calm';`;
export const contracting = 'alter table incidents drop column mood;';

/** The folder of a newer release's migrations: ours, and these on top. It goes with the test. */
export async function newerMigrations(...statements: readonly string[]): Promise<string> {
	const folder = await ownFolder();
	await addMigrations(folder, statements);
	return folder;
}

/** A newer release, whole: this Muster with further migrations, where `startMuster` finds it. */
export async function newerRelease(...statements: readonly string[]): Promise<string> {
	const folder = await ownFolder();
	await cp(path.join(root, 'server'), path.join(folder, 'server'), { recursive: true });
	for (const name of ['package.json', 'node_modules', 'core', 'build']) {
		await symlink(path.join(root, name), path.join(folder, name));
	}
	await addMigrations(path.join(folder, 'server/storage/migrations'), statements);
	return folder;
}

async function ownFolder(): Promise<string> {
	const folder = await mkdtemp(path.join(tmpdir(), 'muster-newer-'));
	onTestFinished(() => rm(folder, { recursive: true }));
	return folder;
}

async function addMigrations(folder: string, statements: readonly string[]): Promise<void> {
	await mkdir(folder, { recursive: true });
	await cp(ownMigrations, folder, { recursive: true });
	for (const [index, text] of statements.entries()) {
		const number = String(newestSchema + 1 + index).padStart(4, '0');
		await writeFile(path.join(folder, `${number}_newer.sql`), text);
	}
}
