import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLog } from '#server/log.ts';
import type { DatabaseAddress } from '#server/storage/database.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '#server/storage/embedded/start.ts';
import { startProxy, type Proxy } from './proxy.ts';
import { StatementWatch } from './statements.ts';

/** A PostgreSQL that belongs to one test, behind a wire: it may be stopped, cut off or frozen. */
export class OwnPostgres implements AsyncDisposable {
	readonly wire: Proxy;
	/** Reads what is asked of it through the wire. */
	readonly statements: StatementWatch;
	readonly #folder: string;
	#server: EmbeddedPostgres | null;

	constructor(
		folder: string,
		server: EmbeddedPostgres,
		through: { wire: Proxy; statements: StatementWatch },
	) {
		this.#folder = folder;
		this.#server = server;
		this.wire = through.wire;
		this.statements = through.statements;
	}

	/** The address past the wire, for a test's own look. */
	get ownAddress(): DatabaseAddress {
		if (!this.#server) throw new Error('PostgreSQL is stopped.');
		return this.#server.address;
	}

	/** The address behind the wire, for `DATABASE_URL`. */
	get url(): string {
		return `postgres://muster@127.0.0.1:${this.wire.port}/postgres`;
	}

	async stop(): Promise<void> {
		await this.#server?.[Symbol.asyncDispose]();
		this.#server = null;
	}

	async start(): Promise<void> {
		this.#server ??= await startEmbeddedPostgres(this.#folder, createLog('silent'));
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.wire[Symbol.asyncDispose]();
		await this.stop();
		await rm(this.#folder, { recursive: true, force: true, maxRetries: 20 });
	}
}

/** Starts a PostgreSQL with nothing in it. */
export async function startPostgres(): Promise<OwnPostgres> {
	const folder = await mkdtemp(path.join(tmpdir(), 'muster-postgres-'));
	const server = await startEmbeddedPostgres(folder, createLog('silent'));
	const { address } = server;
	if (!('socketFolder' in address)) throw new Error('The embedded PostgreSQL has no socket.');
	const statements = new StatementWatch();
	const wire = await startProxy({ path: path.join(address.socketFolder, '.s.PGSQL.5432') }, () =>
		statements.tap(),
	);
	return new OwnPostgres(folder, server, { wire, statements });
}
