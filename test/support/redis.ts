import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findRedis } from './findRedis.ts';
import { until } from './until.ts';

/** Nothing that a test starts outlives it. */
const living = new Set<ChildProcess>();
process.on('exit', () => living.forEach((child) => child.kill('SIGKILL')));

/** A Redis of a test's own: it may be killed, frozen, emptied and started again in the same place. */
export class OwnRedis implements AsyncDisposable {
	readonly port: number;
	readonly #folder: string;
	readonly #flags: readonly string[];
	#child: ChildProcess | null = null;

	constructor(port: number, folder: string, flags: readonly string[]) {
		this.port = port;
		this.#folder = folder;
		this.#flags = flags;
	}

	/** For `REDIS_URL`. */
	get url(): string {
		return `redis://127.0.0.1:${this.port}`;
	}

	async start(): Promise<void> {
		const child = spawn(
			await findRedis(),
			[
				...['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#folder],
				...['--save', '', '--appendonly', 'no', ...this.#flags],
			],
			{ stdio: 'ignore' },
		);
		this.#child = child;
		living.add(child);
		child.once('exit', () => living.delete(child));
		await until('redis answers', () => this.ask('PING').then(isPong, () => false));
	}

	/** Power loss: whatever it held is gone. */
	async kill(): Promise<void> {
		await this.#end('SIGKILL');
	}

	/** It takes connections and says nothing, until it is thawed. */
	freeze(): void {
		this.#child?.kill('SIGSTOP');
	}

	thaw(): void {
		this.#child?.kill('SIGCONT');
	}

	/** What it answers to a command of words. */
	async ask(...words: readonly (string | Uint8Array)[]): Promise<string> {
		const { createClient } = await import('redis');
		const client = createClient({ url: this.url, socket: { reconnectStrategy: false } });
		client.on('error', () => undefined /* connecting fails then */);
		await client.connect();
		try {
			return JSON.stringify(await client.sendCommand(words.map((word) => Buffer.from(word))));
		} finally {
			client.destroy();
		}
	}

	async #end(signal: NodeJS.Signals): Promise<void> {
		const child = this.#child;
		this.#child = null;
		if (!child || child.exitCode !== null || child.signalCode !== null) return;
		const ended = once(child, 'exit');
		child.kill(signal);
		await ended;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.kill();
		await rm(this.#folder, { recursive: true, force: true });
	}
}

/** Starts a Redis with nothing in it; `flags` as redis-server takes them. */
export async function startRedis(...flags: readonly string[]): Promise<OwnRedis> {
	const redis = await prepareRedis(...flags);
	await redis.start();
	return redis;
}

/** A Redis that is not started yet, with its address. */
export async function prepareRedis(...flags: readonly string[]): Promise<OwnRedis> {
	const folder = await mkdtemp(path.join(tmpdir(), 'muster-redis-'));
	return new OwnRedis(await freePort(), folder, flags);
}

function isPong(answer: string): boolean {
	return answer === '"PONG"';
}

async function freePort(): Promise<number> {
	const probe = createServer().listen(0, '127.0.0.1');
	await once(probe, 'listening');
	const { port } = probe.address() as AddressInfo;
	probe.close();
	await once(probe, 'close');
	return port;
}
