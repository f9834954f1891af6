import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createLog } from '#server/log.ts';
import { openDatabase, type DatabaseAddress } from '#server/storage/database.ts';
import { findEmbeddedPostgres, startEmbeddedPostgres } from '#server/storage/embedded/start.ts';
import { until } from '../../support/until.ts';

const log = createLog('silent');
const newFolder = () => mkdtemp(path.join(tmpdir(), 'muster-test-'));

/** Made once; each test has a copy of it, or an empty directory of its own. */
let made = '';
let dataDir = '';

beforeAll(async () => {
	made = await newFolder();
	await (await startEmbeddedPostgres(made, log))[Symbol.asyncDispose]();
});
beforeEach(async () => {
	dataDir = await newFolder();
	await cp(path.join(made, 'postgres'), path.join(dataDir, 'postgres'), { recursive: true });
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));
afterAll(() => rm(made, { recursive: true, force: true }));

async function keep(address: DatabaseAddress, word: string): Promise<void> {
	await using database = openDatabase(address, { max: 1 });
	await database.sql`create table if not exists kept (word text)`;
	await database.sql`insert into kept values (${word})`;
}

async function kept(address: DatabaseAddress): Promise<string[]> {
	await using database = openDatabase(address, { max: 1 });
	const rows = await database.sql<{ word: string }[]>`select word from kept`;
	return rows.map(({ word }) => word);
}

/** Another process that holds the PostgreSQL of this directory. */
async function startHolder(): Promise<{ address: DatabaseAddress; kill: () => Promise<void> }> {
	const program = path.resolve(import.meta.dirname, '../../support/holder.ts');
	const child = spawn(process.execPath, [program, dataDir], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	const [url] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
	return {
		address: { url: url.trim() },
		async kill() {
			child.kill('SIGKILL');
			await once(child, 'exit');
		},
	};
}

async function postmasterPid(): Promise<number> {
	return Number.parseInt(await readFile(path.join(dataDir, 'postgres/postmaster.pid'), 'utf8'), 10);
}

function isAlive(pid: number): boolean {
	try {
		return process.kill(pid, 0);
	} catch {
		return false;
	}
}

test('what was written is there after a stop and a start', async () => {
	{
		await using postgres = await startEmbeddedPostgres(dataDir, log);
		await keep(postgres.address, 'checkout is down');
	}
	await using postgres = await startEmbeddedPostgres(dataDir, log);
	expect(await kept(postgres.address)).toEqual(['checkout is down']);
});

test('the data is made with checksums, in UTF-8, without a locale, synced and closed to others', async () => {
	await rm(path.join(dataDir, 'postgres'), { recursive: true });
	await using postgres = await startEmbeddedPostgres(dataDir, log);
	await using database = openDatabase(postgres.address);
	const [settings] = await database.sql`
		select current_setting('data_checksums') as checksums, current_setting('fsync') as fsync,
			current_setting('listen_addresses') as addresses, encoding, datcollate as locale
		from pg_database where datname = current_database()`;
	const utf8 = 6;
	expect(settings).toEqual({
		checksums: 'on',
		fsync: 'on',
		addresses: '',
		encoding: utf8,
		locale: 'C',
	});
	expect((await stat(path.join(dataDir, 'postgres'))).mode & 0o077).toBe(0);
	expect((await stat(path.join(dataDir, 'socket'))).mode & 0o077).toBe(0);
});

test('kill -9 of its holder stops PostgreSQL, and a start right after it has the data', async () => {
	const holder = await startHolder();
	await keep(holder.address, 'written before the kill');
	const pid = await postmasterPid();
	await holder.kill();
	await using postgres = await startEmbeddedPostgres(dataDir, log);
	expect(isAlive(pid)).toBe(false);
	expect(await kept(postgres.address)).toEqual(['written before the kill']);
});

test('kill -9 of its holder leaves no PostgreSQL behind', async () => {
	const holder = await startHolder();
	const pid = await postmasterPid();
	expect(isAlive(pid)).toBe(true);
	await holder.kill();
	await until('PostgreSQL has ended', () => !isAlive(pid));
	expect(await findEmbeddedPostgres(dataDir)).toBeNull();
});

test('a second Muster on the same directory is refused and the first goes on', async () => {
	await using first = await startEmbeddedPostgres(dataDir, log);
	await keep(first.address, 'before');
	await expect(startEmbeddedPostgres(dataDir, log, 100)).rejects.toThrow(
		'Another Muster is running on',
	);
	await keep(first.address, 'after');
	expect(await findEmbeddedPostgres(dataDir)).toEqual(first.address);
});

test('of two Musters that start at once on a new directory one is refused', async () => {
	await rm(path.join(dataDir, 'postgres'), { recursive: true });
	const starts = [startEmbeddedPostgres(dataDir, log), startEmbeddedPostgres(dataDir, log)];
	const settled = await Promise.allSettled(starts);
	const started = settled.filter((start) => start.status === 'fulfilled');
	const refused = settled.filter((start) => start.status === 'rejected');
	for (const { value } of started) await value[Symbol.asyncDispose]();
	expect(started).toHaveLength(1);
	expect(String(refused[0]?.reason)).toContain('Another Muster is running on');
});

test('a PostgreSQL that dies is started again', async () => {
	await using postgres = await startEmbeddedPostgres(dataDir, log);
	await keep(postgres.address, 'before the crash');
	const pid = await postmasterPid();
	process.kill(pid, 'SIGKILL');
	const isNew = async () => (await postmasterPid().catch(() => pid)) !== pid;
	await until('PostgreSQL has a new process', isNew);
	const answers = () =>
		kept(postgres.address)
			.then(() => true)
			.catch(() => false);
	await until('it answers', answers);
	expect(await kept(postgres.address)).toEqual(['before the crash']);
});

test('a first start that was killed on the way leaves nothing in the way', async () => {
	await rm(path.join(dataDir, 'postgres'), { recursive: true });
	const left = path.join(dataDir, 'postgres.999999999.unfinished-x');
	await mkdir(left);
	await writeFile(path.join(left, 'PG_VERSION'), '18\n');
	await using postgres = await startEmbeddedPostgres(dataDir, log);
	await keep(postgres.address, 'it works');
	expect((await readdir(dataDir)).sort()).toEqual(['postgres', 'postgres.log', 'socket']);
});

test('a directory whose path is too long for a socket has it elsewhere', async () => {
	const deep = path.join(dataDir, 'a'.repeat(80));
	const postgres = await startEmbeddedPostgres(deep, log);
	const socketFolder = 'socketFolder' in postgres.address ? postgres.address.socketFolder : '';
	expect(socketFolder).toMatch(/^\/tmp\/muster-/);
	await keep(postgres.address, 'it works');
	await postgres[Symbol.asyncDispose]();
	await expect(stat(socketFolder)).rejects.toThrow('ENOENT');
});

test('data of a PostgreSQL that is not here is refused with its version', async () => {
	await rm(path.join(dataDir, 'postgres'), { recursive: true });
	await mkdir(path.join(dataDir, 'postgres'));
	await writeFile(path.join(dataDir, 'postgres/PG_VERSION'), '9\n');
	await expect(startEmbeddedPostgres(dataDir, log)).rejects.toThrow(
		'PostgreSQL 9, which made this',
	);
});

test('a PostgreSQL that cannot start is refused with what its log says', async () => {
	await startEmbeddedPostgres(dataDir, log).then((postgres) => postgres[Symbol.asyncDispose]());
	await rm(path.join(dataDir, 'postgres/global/pg_control'));
	await expect(startEmbeddedPostgres(dataDir, log, 100)).rejects.toThrow('pg_control');
});
