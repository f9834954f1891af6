import { setTimeout as pause } from 'node:timers/promises';
import type { Sql } from 'postgres';
import { openDatabase, type DatabaseAddress } from '#server/storage/database.ts';
import { urlOf } from './addresses.ts';
import { testDatabaseUrl } from './database.ts';
import { startPostgres, type OwnPostgres } from './postgres.ts';
import { startMuster, type Muster } from './server.ts';
import { until } from './until.ts';

/** Two Musters on one database; a test may look into it past both. */
export class TwoNodes implements AsyncDisposable {
	readonly near: Muster;
	readonly far: Muster;
	/** An address of the database that no fault lies on. */
	readonly url: string;
	/** What the near one reaches its database by; null where both reach it straight. */
	readonly postgres: OwnPostgres | null;
	readonly sql: Sql;
	readonly #stack: AsyncDisposableStack;

	private constructor(
		parts: Pick<TwoNodes, 'near' | 'far' | 'url' | 'postgres' | 'sql'>,
		stack: AsyncDisposableStack,
	) {
		this.near = parts.near;
		this.far = parts.far;
		this.url = parts.url;
		this.postgres = parts.postgres;
		this.sql = parts.sql;
		this.#stack = stack;
	}

	/** Both reach the database straight. */
	static async start(): Promise<TwoNodes> {
		const url = await testDatabaseUrl();
		return TwoNodes.#open({ near: url, far: url, postgres: null }, new AsyncDisposableStack());
	}

	/** The near one's wire to the database is a test's to break. */
	static async startWithWire(): Promise<TwoNodes> {
		const stack = new AsyncDisposableStack();
		const postgres = stack.use(await startPostgres());
		return TwoNodes.#open({ near: postgres.url, far: urlOf(postgres.ownAddress), postgres }, stack);
	}

	static async #open(
		to: { near: string; far: string; postgres: OwnPostgres | null },
		stack: AsyncDisposableStack,
	): Promise<TwoNodes> {
		await using opening = stack;
		const far = opening.use(await startMuster({ databaseUrl: to.far }));
		const near = opening.use(await startMuster({ databaseUrl: to.near }));
		const address: DatabaseAddress = to.postgres?.ownAddress ?? { url: to.far };
		const { sql } = opening.use(openDatabase(address, { max: 4 }));
		const { postgres } = to;
		return new TwoNodes({ near, far, url: to.far, postgres, sql }, opening.move());
	}

	/** Keeps a document's lock until what is returned is called. */
	async lock(document: string): Promise<() => Promise<void>> {
		const { promise, resolve } = Promise.withResolvers<void>();
		const locked = Promise.withResolvers<void>();
		const holding = this.sql.begin(async (tx) => {
			await tx`select from documents where id = ${document} for update`;
			locked.resolve();
			await promise;
		});
		await locked.promise;
		return async () => {
			resolve();
			await holding;
		};
	}

	/** Waits until so many of the nodes' statements wait for a lock. */
	async waiting(count: number): Promise<void> {
		await until(`${count} statements wait for a lock`, async () => {
			const rows = await this.sql`
				select from pg_stat_activity
				where datname = current_database() and wait_event_type = 'Lock'`;
			return rows.length >= count;
		});
	}

	/** Longer than each node takes to look what the other one wrote. */
	async polled(): Promise<void> {
		await pause(2_500);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#stack.disposeAsync();
	}
}
