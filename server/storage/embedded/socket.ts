import { createHash } from 'node:crypto';
import { lstat, mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import postgres from 'postgres';
import { Refusal } from '#core/refusal.ts';
import { giveTo, type Runner } from './runner.ts';

const port = 5432;
const socketName = `.s.PGSQL.${port}`;

/** The longest path of a unix socket that every system takes, in bytes. */
const longestPath = 103;

/** The folder of the socket: beside the data, or a short one in /tmp where that path is too long. */
export function socketFolderOf(dataDir: string): string {
	const beside = path.join(dataDir, 'socket');
	if (Buffer.byteLength(path.join(beside, socketName)) <= longestPath) return beside;
	const digest = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
	return `/tmp/muster-${digest}`;
}

/** Makes the folder so that nobody else can enter it; refused if somebody else owns it. */
export async function makeSocketFolder(folder: string, runner: Runner): Promise<void> {
	await mkdir(folder, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
		if (error.code !== 'EEXIST') throw error;
	});
	const { uid, mode } = await lstat(folder);
	const owners = [process.getuid?.(), runner.user?.uid];
	const isDirectory = (mode & 0o170000) === 0o040000;
	if (!isDirectory || !owners.includes(uid) || (mode & 0o077) !== 0) {
		throw new Refusal(
			'unavailable',
			`${folder} belongs to somebody else. Remove it and start again.`,
		);
	}
	if (runner.user && uid !== runner.user.uid) await giveTo(runner, folder);
}

/** Whether somebody accepts connections at the socket. Only that proves that PostgreSQL runs. */
export async function isAccepting(folder: string): Promise<boolean> {
	const { promise, resolve } = Promise.withResolvers<boolean>();
	const socket = connect(path.join(folder, socketName));
	socket.once('connect', () => resolve(true));
	socket.once('error', () => resolve(false));
	const isOpen = await promise;
	socket.destroy();
	return isOpen;
}

/** The `cluster_name` of the PostgreSQL behind the socket, or null while none answers queries. */
export async function nameBehind(at: {
	socketFolder: string;
	database: string;
	user: string;
}): Promise<string | null> {
	if (!(await isAccepting(at.socketFolder))) return null;
	const { socketFolder: host, database, user } = at;
	const sql = postgres({ host, port, database, user, max: 1, fetch_types: false });
	try {
		const [row] = await sql<[{ name: string }]>`select current_setting('cluster_name') as name`;
		return row.name;
	} catch {
		return null; // It is still starting, or was ending.
	} finally {
		await sql.end({ timeout: 1 });
	}
}
