import { setTimeout as pause } from 'node:timers/promises';
import { Refusal } from '#core/refusal.ts';
import type { Config } from '#server/config.ts';
import type { Logger } from '#server/log.ts';
import { isStoreAway } from './away.ts';
import { openDatabase, type Database } from './database.ts';
import { startEmbeddedPostgres } from './embedded/start.ts';
import { migrate } from './migrate.ts';

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

/** Whether the store answers within a second. */
export async function isThere({ sql }: Database): Promise<boolean> {
	const silence = pause(answerMs, false, { ref: false });
	const answer = sql`select 1`.then(
		() => true,
		() => false,
	);
	return Promise.race([answer, silence]);
}
