import { mkdtemp, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Refusal } from '#core/refusal.ts';
import { giveTo, runAs, type Runner } from './runner.ts';

/** The user and the database in the embedded PostgreSQL. */
export const user = 'muster';
export const database = 'postgres';

const unfinished = '.unfinished';
const unfinishedName = /\.(\d+)\.unfinished-/;

/** The major version of PostgreSQL that made the data, or null if there is none yet. */
export async function readMajor(data: string): Promise<number | null> {
	try {
		return Number.parseInt(await readFile(path.join(data, 'PG_VERSION'), 'utf8'), 10);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
		throw error;
	}
}

/** Makes the data folder under another name, then renames it: it is there whole or not at all. */
export async function makeCluster(data: string, binaries: string, runner: Runner): Promise<void> {
	const parent = path.dirname(data);
	await removeUnfinished(parent);
	const made = await mkdtemp(`${data}.${process.pid}${unfinished}-`);
	await giveTo(runner, made);
	await runAs(runner, [
		path.join(binaries, 'initdb'),
		...['-D', made, '--username', user, '--auth', 'trust'],
		...['--data-checksums', '--encoding', 'UTF8', '--no-locale', '--no-instructions'],
	]).catch(async (error: Error) => {
		await rm(made, { recursive: true });
		throw new Refusal('unavailable', `PostgreSQL's data cannot be made: ${error.message}`);
	});
	await rename(made, data).catch(async (error: NodeJS.ErrnoException) => {
		if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
		await rm(made, { recursive: true }); // Somebody else's start was faster.
	});
	const folder = await open(parent, 'r');
	await folder.sync();
	await folder.close();
}

/** What starts left that were killed on the way. */
async function removeUnfinished(parent: string): Promise<void> {
	for (const name of await readdir(parent)) {
		const pid = Number(unfinishedName.exec(name)?.[1]);
		if (pid && !isAlive(pid)) await rm(path.join(parent, name), { recursive: true });
	}
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'EPERM';
	}
}

/** PostgreSQL's arguments. Its own log tells no statement and no row: people's words are in them. */
export function serverArguments(data: string, socketFolder: string, name: string): string[] {
	const settings = {
		listen_addresses: '',
		unix_socket_directories: socketFolder,
		unix_socket_permissions: '0700',
		port: '5432',
		cluster_name: name,
		// Each process takes twenty; the tests have several clusters of three on one.
		max_connections: '200',
		timezone: 'UTC',
		jit: 'off',
		log_checkpoints: 'off',
		log_error_verbosity: 'terse',
		log_min_error_statement: 'panic',
		log_timezone: 'UTC',
	};
	return [
		'-D',
		data,
		...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
	];
}
