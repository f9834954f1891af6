import { setTimeout as pause } from 'node:timers/promises';
import { Refusal } from '#core/refusal.ts';
import type { Config } from '#server/config.ts';
import type { Logger } from '#server/log.ts';
import { isStoreAway } from './away.ts';
import { openDatabase, type Database } from './database.ts';
import { findEmbeddedPostgres, startEmbeddedPostgres } from './embedded/start.ts';
import { isCurrent, isOutgrown, migrate } from './migrate.ts';

const patienceMs = 30_000;

/**
 * The store, ready: PostgreSQL at `DATABASE_URL`, which may still be starting, or our own below the
 * data directory; with its tables up to date. Refused if it cannot be reached for half a minute.
 */
export async function openStore(
	{ databaseUrl, dataDir }: Pick<Config, 'databaseUrl' | 'dataDir'>,
	log: Logger,
): Promise<Database> {
	await using stack = new AsyncDisposableStack();
	const address = databaseUrl
		? { url: databaseUrl }
		: stack.use(await startEmbeddedPostgres(dataDir, log)).address;
	const db = stack.use(openDatabase(address));
	await migrateOnceThere(db, log);
	const owned = stack.move();
	return { sql: db.sql, rooms: db.rooms, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/**
 * The store as it is, beside whoever works on it: nothing is migrated. Ours is started where no Muster
 * runs. Refused if it cannot be reached, or is none that this Muster knows.
 */
export async function openStoreBeside(
	{ databaseUrl, dataDir }: Pick<Config, 'databaseUrl' | 'dataDir'>,
	log: Logger,
): Promise<Database> {
	await using stack = new AsyncDisposableStack();
	const address = databaseUrl
		? { url: databaseUrl }
		: ((await findEmbeddedPostgres(dataDir)) ??
			stack.use(await startEmbeddedPostgres(dataDir, log)).address);
	const db = stack.use(openDatabase(address, { max: 2, roomsMax: 1 }));
	await refuseOtherSchema(db);
	const owned = stack.move();
	return { sql: db.sql, rooms: db.rooms, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function refuseOtherSchema({ sql }: Database): Promise<void> {
	try {
		if (await isCurrent(sql)) return;
	} catch (error) {
		if (!isStoreAway(error)) throw error;
		throw new Refusal('unavailable', 'PostgreSQL at DATABASE_URL cannot be reached.');
	}
	throw new Refusal('conflict', 'Another release of Muster works on this store: use that one.');
}

async function migrateOnceThere(db: Database, log: Logger): Promise<void> {
	const end = performance.now() + patienceMs;
	for (let isFirst = true; ; isFirst = false) {
		try {
			return await migrate(db.sql);
		} catch (error) {
			if (!isStoreAway(error)) throw error;
			if (performance.now() > end) {
				throw new Refusal('unavailable', 'PostgreSQL at DATABASE_URL cannot be reached.');
			}
			if (isFirst) log.warn({ err: error }, 'store is away: waiting for it');
			await pause(250);
		}
	}
}

const answerMs = 1_000;

/** What a node finds when it looks at its store; `outgrown` by a newer Muster, which this one cannot serve. */
export type StoreState = 'there' | 'away' | 'outgrown';

/** Looks whether the store answers within a second, and still is one for this Muster. */
export async function lookAtStore({ sql }: Database): Promise<StoreState> {
	const silence = pause(answerMs, 'away' as const, { ref: false });
	const answer = isOutgrown(sql).then(
		(is) => (is ? ('outgrown' as const) : ('there' as const)),
		() => 'away' as const,
	);
	return Promise.race([answer, silence]);
}
