import { randomUUID } from 'node:crypto';
import { mkdir, realpath, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Refusal } from '#core/refusal.ts';
import type { Logger } from '#server/log.ts';
import type { DatabaseAddress } from '../database.ts';
import { findBinaries, type Binaries } from './binaries.ts';
import { database, makeCluster, readMajor, serverArguments, user } from './cluster.ts';
import { chooseRunner, giveTo, type Runner } from './runner.ts';
import { isAccepting, makeSocketFolder, nameBehind, socketFolderOf } from './socket.ts';
import { supervise, type Supervisor } from './supervise.ts';

/** A PostgreSQL of our own. Disposed, it is stopped in order; it also stops when this process dies. */
export interface EmbeddedPostgres extends AsyncDisposable {
	readonly address: DatabaseAddress;
}

/** Where everything of the embedded PostgreSQL lies, as absolute paths. */
interface Places {
	readonly dataDir: string;
	readonly data: string;
	readonly log: string;
	readonly socketFolder: string;
}

/** How long a start waits for the PostgreSQL of a Muster that was just killed. */
const predecessorMs = 5_000;
const lookMs = 15;

/**
 * Starts PostgreSQL on a unix socket below `dataDir`, making the data at the first start. Refused
 * with a sentence if another Muster still holds the directory after `patienceMs`, or if PostgreSQL
 * cannot run here.
 */
export async function startEmbeddedPostgres(
	dataDir: string,
	log: Logger,
	patienceMs: number = predecessorMs,
): Promise<EmbeddedPostgres> {
	const places = await placesIn(dataDir);
	const deadline = Date.now() + patienceMs;
	await waitForPredecessor(places, deadline);
	const { binaries, runner } = await prepare(places, log);
	const supervisor = await start(places, { binaries, runner, deadline });
	const { socketFolder } = places;
	log.info({ major: binaries.major, binaries: binaries.origin, socketFolder }, 'PostgreSQL runs');
	supervisor.onLost(() => log.error({ log: places.log }, 'PostgreSQL has lost its supervisor'));
	return {
		address: { socketFolder, database, user },
		async [Symbol.asyncDispose]() {
			await supervisor.stop();
			if (isElsewhere(places)) await rmdir(socketFolder);
		},
	};
}

/** The address of the embedded PostgreSQL that a running Muster holds, or null if none runs. */
export async function findEmbeddedPostgres(dataDir: string): Promise<DatabaseAddress | null> {
	const { socketFolder } = await placesIn(dataDir);
	return (await isAccepting(socketFolder)) ? { socketFolder, database, user } : null;
}

async function placesIn(dataDir: string): Promise<Places> {
	await mkdir(dataDir, { recursive: true, mode: 0o700 });
	const home = await realpath(dataDir);
	return {
		dataDir: home,
		data: path.join(home, 'postgres'),
		log: path.join(home, 'postgres.log'),
		socketFolder: socketFolderOf(home),
	};
}

async function waitForPredecessor(places: Places, deadline: number): Promise<void> {
	while (await isAccepting(places.socketFolder)) {
		if (Date.now() > deadline) throw occupied(places);
		await pause(lookMs);
	}
}

function occupied({ dataDir }: Places): Refusal {
	return new Refusal(
		'conflict',
		`Another Muster is running on ${dataDir}. Stop it first, or set DATA_DIR to another directory.`,
	);
}

async function prepare(
	places: Places,
	log: Logger,
): Promise<{ binaries: Binaries; runner: Runner }> {
	const major = await readMajor(places.data);
	const binaries = await findBinaries(major);
	const runner = await chooseRunner(binaries.folder, places.data);
	if (major === null) {
		log.info({ data: places.data, binaries: binaries.origin }, 'PostgreSQL data is being made');
		await makeCluster(places.data, binaries.folder, runner);
	} else await giveTo(runner, places.data);
	await makeSocketFolder(places.socketFolder, runner);
	if (isElsewhere(places)) {
		log.info({ socketFolder: places.socketFolder }, 'PostgreSQL socket is elsewhere: long path');
	}
	return { binaries, runner };
}

function isElsewhere({ socketFolder, dataDir }: Places): boolean {
	return path.dirname(socketFolder) !== dataDir;
}

/** Until the deadline a failed start is tried again: the one before may be about to end. */
async function start(
	places: Places,
	how: { binaries: Binaries; runner: Runner; deadline: number },
): Promise<Supervisor> {
	const { binaries, runner, deadline } = how;
	const name = `muster-${randomUUID()}`;
	const server = serverArguments(places.data, places.socketFolder, name);
	const words = [...runner.prefix, path.join(binaries.folder, 'postgres'), ...server];
	for (;;) {
		const supervisor = await supervise({ words, user: runner.user }, places.log);
		if (await becomesReady(places, supervisor, name)) return supervisor;
		if (Date.now() > deadline) throw await supervisor.failure();
		await pause(lookMs);
	}
}

/** Resolves to false when PostgreSQL ended instead. What answers must have the name that we gave it. */
async function becomesReady(
	places: Places,
	supervisor: Supervisor,
	name: string,
): Promise<boolean> {
	while (supervisor.isRunning()) {
		const found = await nameBehind({ socketFolder: places.socketFolder, database, user });
		if (found === name) {
			supervisor.keepAlive();
			return true;
		}
		if (found !== null) {
			await supervisor.stop();
			throw occupied(places);
		}
		await pause(lookMs);
	}
	return false;
}
