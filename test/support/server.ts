import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { until } from './until.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** Nothing that a test starts outlives it. */
const living = new Set<ChildProcess>();
process.on('exit', () => living.forEach((child) => child.kill('SIGKILL')));

/** How a Muster is started; a data directory of its own is made unless one is given. */
export interface MusterOptions {
	readonly dataDir?: string;
	/** Without one it has its embedded PostgreSQL. */
	readonly databaseUrl?: string;
	readonly env?: Readonly<Record<string, string>>;
	/** Where the program is, if it is another release than this one. */
	readonly release?: string;
}

/** A Muster in a process of its own, which a test may kill and start again in the same place. */
export class Muster implements AsyncDisposable {
	readonly adminToken = 'a-token-that-only-tests-know';
	readonly dataDir: string;
	/** Everything that it has printed, over all its lives. */
	output = '';
	url = '';
	readonly #options: MusterOptions;
	readonly #ownsDataDir: boolean;
	#child: ChildProcess | null = null;
	#port = 0;

	constructor(options: MusterOptions, dataDir: string) {
		this.#options = options;
		this.dataDir = dataDir;
		this.#ownsDataDir = options.dataDir === undefined;
	}

	get isRunning(): boolean {
		return this.#child !== null && !hasEnded(this.#child);
	}

	get pid(): number {
		const pid = this.#child?.pid;
		if (pid === undefined) throw new Error('Muster is not running.');
		return pid;
	}

	/** Where its live documents are: `ws://…/sync`. */
	get syncUrl(): string {
		return `${this.url.replace('http', 'ws')}/sync`;
	}

	/** Starts it; resolves once it says where it listens. */
	async start(): Promise<void> {
		const from = this.output.length;
		const child = spawn(process.execPath, ['server/main.ts'], {
			cwd: this.#options.release ?? root,
			env: this.#env(),
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		this.#child = child;
		living.add(child);
		child.once('exit', () => living.delete(child));
		for (const stream of [child.stdout, child.stderr]) {
			stream.setEncoding('utf8').on('data', (text: string) => (this.output += text));
		}
		await until(
			'Muster listens',
			() => {
				if (hasEnded(child))
					throw new Error(`Muster ended: ${this.output.slice(from).slice(-4_000)}`);
				this.#port = portIn(this.output.slice(from)) ?? this.#port;
				return portIn(this.output.slice(from)) !== null;
			},
			60_000,
		);
		this.url = `http://127.0.0.1:${this.#port}`;
	}

	#env(): NodeJS.ProcessEnv {
		const isSetting = (name: string) => name === 'DATABASE_URL' || name.startsWith('MUSTER_');
		const inherited = Object.entries(process.env).filter(([name]) => !isSetting(name));
		return {
			...Object.fromEntries(inherited),
			HOST: '127.0.0.1',
			PORT: String(this.#port),
			DATA_DIR: this.dataDir,
			MUSTER_ADMIN_TOKEN: this.adminToken,
			...(this.#options.databaseUrl && { DATABASE_URL: this.#options.databaseUrl }),
			...this.#options.env,
		};
	}

	/** The machine loses power: no farewell, nothing flushed. */
	async kill(): Promise<void> {
		await this.#end('SIGKILL');
	}

	/** Asks it to end; gives its exit code. */
	async stop(): Promise<number | null> {
		return this.#end('SIGTERM');
	}

	/** Starts it again on the same directory, port and store. */
	async restart(): Promise<void> {
		if (this.isRunning) await this.stop();
		await this.start();
	}

	/** Its exit code once it has ended by itself; a second signal would end it at once. */
	async ended(): Promise<number | null> {
		const child = this.#child;
		if (child && !hasEnded(child)) await once(child, 'exit');
		return child?.exitCode ?? null;
	}

	async #end(signal: NodeJS.Signals): Promise<number | null> {
		const child = this.#child;
		if (!child || hasEnded(child)) return child?.exitCode ?? null;
		const ended = once(child, 'exit');
		child.kill(signal);
		await ended;
		return child.exitCode;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.stop();
		// After a kill, the embedded PostgreSQL is still ending and removes files of its own.
		if (this.#ownsDataDir) await rm(this.dataDir, { recursive: true, force: true, maxRetries: 20 });
	}
}

/** Starts a Muster; `await using` ends it and removes what it wrote. */
export async function startMuster(options: MusterOptions = {}): Promise<Muster> {
	const dataDir = options.dataDir ?? (await mkdtemp(path.join(tmpdir(), 'muster-test-')));
	const muster = new Muster(options, dataDir);
	try {
		await muster.start();
	} catch (error) {
		await muster[Symbol.asyncDispose]();
		throw error;
	}
	return muster;
}

function hasEnded(child: ChildProcess): boolean {
	return child.exitCode !== null || child.signalCode !== null;
}

/** The port that it says it listens on. */
function portIn(output: string): number | null {
	const line = output.split('\n').find((text) => text.includes('"msg":"listening"'));
	return line?.endsWith('}') ? (JSON.parse(line) as { port: number }).port : null;
}
