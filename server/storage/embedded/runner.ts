import { execFile } from 'node:child_process';
import { chmod, lchown, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { Refusal } from '#core/refusal.ts';

const run = promisify(execFile);

/** As whom PostgreSQL's programs run: put before the command, or another user's numbers. */
export interface Runner {
	readonly prefix: readonly string[];
	readonly user: { readonly uid: number; readonly gid: number } | null;
}

const ourselves: Runner = { prefix: [], user: null };

/** In a user namespace root looks like an ordinary user to PostgreSQL, and the files stay root's. */
const namespace: Runner = {
	prefix: ['unshare', '--user', '--map-user=1000', '--map-group=1000', '--'],
	user: null,
};

const nobody = { uid: 65_534, gid: 65_534 };

/**
 * As whom to run the programs in `binaries` on `data`, a folder that may not exist yet. PostgreSQL
 * refuses root: then it is the folder's owner, a user namespace or `nobody`; refused if none works.
 */
export async function chooseRunner(binaries: string, data: string): Promise<Runner> {
	if (process.getuid?.() !== 0) return ourselves;
	const owner = await stat(data).catch(() => null);
	if (owner && owner.uid !== 0) return { prefix: [], user: { uid: owner.uid, gid: owner.gid } };
	if (await works(namespace, binaries)) return namespace;
	const runner: Runner = { prefix: [], user: nobody };
	if (await works(runner, binaries)) return runner;
	throw new Refusal(
		'unavailable',
		'PostgreSQL does not run as root, and neither a user namespace nor the user "nobody" can run it here ' +
			`(it must be able to read ${binaries}). Start Muster as an ordinary user, or set DATABASE_URL to a server.`,
	);
}

async function works(runner: Runner, binaries: string): Promise<boolean> {
	try {
		await runAs(runner, [path.join(binaries, 'postgres'), '--version']);
		return true;
	} catch {
		return false;
	}
}

/** Runs a program to its end; throws with what it said if it fails. */
export async function runAs(runner: Runner, words: readonly string[]): Promise<void> {
	const [file = '', ...rest] = [...runner.prefix, ...words];
	await run(file, rest, { ...runner.user, cwd: '/' });
}

/** Gives a folder and all in it to the runner's user, who must also be able to pass its parent. */
export async function giveTo(runner: Runner, folder: string): Promise<void> {
	if (!runner.user) return;
	const { uid, gid } = runner.user;
	const parent = path.dirname(folder);
	await chmod(parent, (await stat(parent)).mode | 0o011);
	if ((await stat(folder)).uid === uid) return;
	await lchown(folder, uid, gid);
	for (const entry of await readdir(folder, { recursive: true })) {
		await lchown(path.join(folder, entry), uid, gid);
	}
}
