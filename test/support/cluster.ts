import { openDatabase, type Database, type DatabaseAddress } from '#server/storage/database.ts';
import { urlOf } from './addresses.ts';
import { testDatabaseUrl } from './database.ts';
import { startPostgres, type OwnPostgres } from './postgres.ts';
import { startRedis, type OwnRedis } from './redis.ts';
import { startMuster, type Muster, type MusterOptions } from './server.ts';

/** How a cluster is started; `flags` are redis-server's, `env` is given to all nodes. */
export interface ClusterOptions {
	readonly flags?: readonly string[];
	readonly env?: MusterOptions['env'];
	/** The first node reaches the database by a wire, which a test may break. */
	readonly withWire?: boolean;
}

/** Three Musters on one database, with a Redis between them that is a test's to break. */
export class TestCluster implements AsyncDisposable {
	readonly nodes: readonly [Muster, Muster, Muster];
	readonly redis: OwnRedis;
	/** The address of the database, for a test's own look. */
	readonly url: string;
	readonly db: Database;
	/** What the first node reaches its database by, if a test asked for that. */
	readonly postgres: OwnPostgres | null;
	readonly #stack: AsyncDisposableStack;

	private constructor(
		parts: Pick<TestCluster, 'nodes' | 'redis' | 'url' | 'db' | 'postgres'>,
		stack: AsyncDisposableStack,
	) {
		this.nodes = parts.nodes;
		this.redis = parts.redis;
		this.url = parts.url;
		this.db = parts.db;
		this.postgres = parts.postgres;
		this.#stack = stack;
	}

	static async start({ flags = [], env, withWire }: ClusterOptions = {}): Promise<TestCluster> {
		await using stack = new AsyncDisposableStack();
		const redis = stack.use(await startRedis(...flags));
		const postgres = withWire ? stack.use(await startPostgres()) : null;
		const url = postgres ? urlOf(postgres.ownAddress) : await testDatabaseUrl();
		const address: DatabaseAddress = postgres?.ownAddress ?? { url };
		const db = stack.use(openDatabase(address, { max: 4 }));
		const start = async (databaseUrl: string) =>
			stack.use(await startMuster({ databaseUrl, env: { ...env, REDIS_URL: redis.url } }));
		const nodes = [await start(postgres?.url ?? url), await start(url), await start(url)] as const;
		return new TestCluster({ nodes, redis, url, db, postgres }, stack.move());
	}

	/** The node that somebody of a room is on: ada, grace and linus each have their own. */
	nodeOf(name: string): Muster {
		return this.nodes[Math.max(0, ['ada', 'grace', 'linus'].indexOf(name))] as Muster;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#stack.disposeAsync();
	}
}
