import { openDatabase, type Database } from '#server/storage/database.ts';
import { testDatabaseUrl } from './database.ts';
import { startRedis, type OwnRedis } from './redis.ts';
import { startMuster, type Muster } from './server.ts';

/** Three Musters on one database, with a Redis between them that is a test's to break. */
export class TestCluster implements AsyncDisposable {
	readonly nodes: readonly [Muster, Muster, Muster];
	readonly redis: OwnRedis;
	/** The address of the database, for a test's own look. */
	readonly url: string;
	readonly db: Database;
	readonly #stack: AsyncDisposableStack;

	private constructor(
		parts: Pick<TestCluster, 'nodes' | 'redis' | 'url' | 'db'>,
		stack: AsyncDisposableStack,
	) {
		this.nodes = parts.nodes;
		this.redis = parts.redis;
		this.url = parts.url;
		this.db = parts.db;
		this.#stack = stack;
	}

	/** `flags` are redis-server's. */
	static async start(...flags: readonly string[]): Promise<TestCluster> {
		await using stack = new AsyncDisposableStack();
		const redis = stack.use(await startRedis(...flags));
		const url = await testDatabaseUrl();
		const db = stack.use(openDatabase({ url }, { max: 4 }));
		const start = async () =>
			stack.use(await startMuster({ databaseUrl: url, env: { REDIS_URL: redis.url } }));
		const nodes = [await start(), await start(), await start()] as const;
		return new TestCluster({ nodes, redis, url, db }, stack.move());
	}

	/** The node that somebody of a room is on: ada, grace and linus each have their own. */
	nodeOf(name: string): Muster {
		return this.nodes[Math.max(0, ['ada', 'grace', 'linus'].indexOf(name))] as Muster;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#stack.disposeAsync();
	}
}
