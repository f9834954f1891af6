import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLog } from '#server/log.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '#server/storage/embedded/start.ts';
import { startProxy, type Proxy } from './proxy.ts';

/** A PostgreSQL that belongs to one test, behind a wire: it may be stopped, cut off or frozen. */
export class OwnPostgres implements AsyncDisposable {
	readonly wire: Proxy;
	readonly #folder: string;
	#server: EmbeddedPostgres | null;

	constructor(folder: string, server: EmbeddedPostgres, wire: Proxy) {
		this.#folder = folder;
		this.#server = server;
		this.wire = wire;
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
	const wire = await startProxy({ path: path.join(address.socketFolder, '.s.PGSQL.5432') });
	return new OwnPostgres(folder, server, wire);
}
