import postgres, { type Sql } from 'postgres';
import { limits } from '#server/limits.ts';
import { arrayTypes } from './arrays.ts';
import { lastingPool } from './pool.ts';

/** The store's connections. Rooms have a pool of their own, so that no page can make a room wait. */
export interface Database extends AsyncDisposable {
	/** For requests, pages and the persister. */
	readonly sql: Sql;
	/** For rooms' turns. */
	readonly rooms: Sql;
}

/** Where a PostgreSQL is: a connection string, or the folder of a unix socket. */
export type DatabaseAddress =
	| { readonly url: string }
	| { readonly socketFolder: string; readonly database: string; readonly user: string };

/** The most connections of each pool. */
export interface PoolSizes {
	readonly max?: number;
	readonly roomsMax?: number;
}

/** A page asks several questions at once: workers for one take the machine from the others, and begin late. */
export const withoutWorkers = { max_parallel_workers_per_gather: '0', jit: 'off' } as const;

/**
 * Opens the pools; a connection is made when the first query needs it. `bigint` columns are read as
 * numbers, `undefined` is written as null. Disposed, it waits a little for queries under way.
 */
export function openDatabase(address: DatabaseAddress, sizes: PoolSizes = {}): Database {
	const sql = openPool(address, {
		max: sizes.max ?? 10,
		connection: {
			application_name: 'muster',
			// A process that freezes inside a transaction must not keep others from what it has locked.
			idle_in_transaction_session_timeout: 5_000,
			...withoutWorkers,
		},
	});
	const rooms = openPool(address, {
		max: sizes.roomsMax ?? 10,
		connection: {
			application_name: 'muster rooms',
			// A node that freezes inside a transaction must not keep a room locked.
			idle_in_transaction_session_timeout: 1_000,
		},
	});
	return {
		sql,
		rooms,
		async [Symbol.asyncDispose]() {
			const timeout = limits.storeEndSeconds;
			await Promise.all([sql.end({ timeout }), rooms.end({ timeout })]);
		},
	};
}

type PoolOptions = postgres.Options<Record<never, postgres.PostgresType>>;

function openPool(address: DatabaseAddress, options: PoolOptions): Sql {
	return lastingPool((events) => openOnce(address, { ...options, ...events }));
}

function openOnce(address: DatabaseAddress, options: PoolOptions): Sql {
	const all: PoolOptions = {
		connect_timeout: 5,
		// A connection that ends is one that was lost.
		max_lifetime: null,
		// Its own waits up to 20 s after a few failures, long after the store is back.
		backoff: (failures: number) => Math.min(0.05 * 2 ** failures, 1),
		transform: { undefined: null },
		fetch_types: false,
		types: { bigint: { to: 20, from: [20], serialize: String, parse: Number }, ...arrayTypes },
		onnotice: () => {},
		...options,
	};
	if ('url' in address) return openUrl(address.url, all);
	const { socketFolder, database, user } = address;
	return postgres({ ...all, host: socketFolder, port: 5432, database, user });
}

/** Takes libpq's way to name a unix socket too: `postgres://user@localhost/database?host=/folder`. */
function openUrl(text: string, options: PoolOptions): Sql {
	const url = URL.parse(text);
	const host = url?.searchParams.get('host');
	if (!url || !host) return postgres(text, options);
	url.searchParams.delete('host');
	return postgres(url.href, { ...options, host });
}
