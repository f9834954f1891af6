import type { ReservedSql, Sql } from 'postgres';
import { isStoreAway } from './away.ts';
import { begin, type Work } from './transaction.ts';

/** What a pool tells of its connections. */
export interface PoolEvents {
	/** The server has greeted one. */
	readonly onparameter: () => void;
	/** One has ended. */
	readonly onclose: () => void;
}

/** A pool that has lost a connection goes on for so long, for what waits in it. */
const retirementMs = 10_000;
const endSeconds = 5;
/** Who is not answered for so long asks at a dead end: nothing tells of a far end that is gone. */
const silentMs = 5_000;
const lookMs = 1_000;

/**
 * A pool that outlives its connections. When one is lost, postgres.js 3.4 writes to it all the same,
 * which ends the process, lets queries wait for it for ever, and may never use its place again
 * (https://github.com/porsager/postgres/issues/1154, /1208). So nobody writes to a lost connection,
 * and a pool that has lost one is retired: what is under way goes on, all else goes to a new pool.
 * So is one in which somebody waits for an answer for too long.
 */
export function lastingPool(open: (events: PoolEvents) => Sql): Sql {
	const pools = new LastingPool(open);
	const own: Partial<Record<PropertyKey, unknown>> = {
		end: (options?: { timeout?: number }) => pools.end(options),
		begin: (...given: BeginArguments) => beginIn(pools.current, given),
		reserve: async () => lend(pools.current),
	};
	return new Proxy(pools.current.sql, {
		apply: (_first, _this, given) => pools.current.call(given),
		get: (_first, name) => own[name] ?? pools.current.get(name),
	});
}

class LastingPool {
	readonly #open: (events: PoolEvents) => Sql;
	readonly #pools = new Set<Pool>();
	readonly #lookout: NodeJS.Timeout;
	#current: Pool;
	#isEnding = false;

	constructor(open: (events: PoolEvents) => Sql) {
		this.#open = open;
		this.#current = this.#add();
		this.#lookout = setInterval(() => this.#current.retireIfSilent(), lookMs).unref();
	}

	get current(): Pool {
		return this.#current;
	}

	async end(options: { timeout?: number } = {}): Promise<void> {
		this.#isEnding = true;
		clearInterval(this.#lookout);
		await Promise.all(Array.from(this.#pools, ({ sql }) => sql.end(options)));
	}

	#add(): Pool {
		const pool = new Pool(this.#open, () => this.#replace(pool));
		this.#pools.add(pool);
		return pool;
	}

	#replace(pool: Pool): void {
		if (this.#isEnding) return;
		this.#current = this.#add();
		setTimeout(() => {
			this.#pools.delete(pool);
			void pool.sql.end({ timeout: endSeconds });
		}, retirementMs).unref();
	}
}

/** One pool of postgres.js, until it has lost a connection. */
class Pool {
	readonly sql: Sql;
	readonly #onRetired: () => void;
	#isUsed = false;
	#isRetired = false;
	/** What was asked and is not answered, the oldest first, each with the time (monotonic ms). */
	readonly #asked = new Map<object, number>();

	constructor(open: (events: PoolEvents) => Sql, onRetired: () => void) {
		this.#onRetired = onRetired;
		this.sql = open({ onparameter: () => (this.#isUsed = true), onclose: () => this.retire() });
	}

	/** A connection is lost; one that never was leaves no trace. */
	retire(): void {
		if (!this.#isUsed || this.#isRetired) return;
		this.#isRetired = true;
		this.#onRetired();
	}

	call(given: unknown[]): unknown {
		return this.watch(Reflect.apply(this.sql, undefined, given));
	}

	get(name: PropertyKey): unknown {
		return name === 'unsafe' ? this.unsafe : (Reflect.get(this.sql, name) as unknown);
	}

	readonly unsafe: Sql['unsafe'] = (...given) => this.watch(this.sql.unsafe(...given));

	/** Takes note when a query loses its connection, before whoever asked can ask again. */
	watch<T>(query: T): T {
		// A query runs once its own `then` is called; this is the one that it inherits.
		if (query instanceof Promise) {
			this.#asked.set(query, performance.now());
			void Promise.prototype.then.call(
				query,
				() => this.#asked.delete(query),
				(error) => {
					this.#asked.delete(query);
					this.note(error);
				},
			);
		}
		return query;
	}

	/** Waits for a whole transaction; what is asked in it is not seen from here. */
	async during<T>(transaction: Promise<T>): Promise<T> {
		const asked = { active: true };
		this.#asked.set(asked, performance.now());
		try {
			return await transaction;
		} finally {
			this.#asked.delete(asked);
		}
	}

	/** The far end may be gone without a word. */
	retireIfSilent(): void {
		const since = performance.now() - silentMs;
		for (const [query, at] of this.#asked) {
			if (at > since) return;
			// What is not under way waits behind what is, or is a part of another query.
			if ('active' in query && query.active) return this.retire();
			this.#asked.delete(query);
		}
	}

	note(error: unknown): void {
		if (isStoreAway(error)) this.retire();
	}
}

type BeginArguments = [work: Work] | [options: string, work: Work];

async function beginIn(pool: Pool, given: BeginArguments): Promise<unknown> {
	const [options, work] = given.length === 1 ? ['', given[0]] : given;
	try {
		return await pool.during(begin(pool.sql, options, work));
	} catch (error) {
		pool.note(error);
		throw error;
	}
}

/**
 * What takes a connection for itself to ask it one thing gets the pool: postgres.js writes to reserved
 * connections that are lost, and may never hand one out. Transactions have `begin`.
 */
function lend(pool: Pool): Pick<ReservedSql, 'unsafe' | 'release'> {
	return {
		unsafe(statement, ...rest) {
			if (/^\s*(begin|start|commit|rollback|savepoint|set)\b/i.test(statement)) {
				throw new Error('A reserved connection takes no transaction.');
			}
			return pool.unsafe(statement, ...rest);
		},
		release: () => undefined,
	};
}
