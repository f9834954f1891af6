import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { until } from './until.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** Nothing that a test starts outlives it. */
const living = new Set<ChildProcess>();
process.on('exit', () => living.forEach((child) => child.kill('SIGKILL')));

/** A `muster persister`, which a test may freeze and kill. */
export class PersisterProcess implements AsyncDisposable {
	/** Everything that it has printed. */
	output = '';
	readonly #child: ChildProcess;

	constructor(env: Readonly<Record<string, string>>) {
		const isSetting = (name: string) => name === 'DATABASE_URL' || name.startsWith('MUSTER_');
		const inherited = Object.entries(process.env).filter(([name]) => !isSetting(name));
		this.#child = spawn(process.execPath, ['server/cli/muster.ts', 'persister'], {
			cwd: root,
			env: { ...Object.fromEntries(inherited), ...env },
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		living.add(this.#child);
		this.#child.once('exit', () => living.delete(this.#child));
		for (const stream of [this.#child.stdout, this.#child.stderr]) {
			stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
		}
	}

	get hasEnded(): boolean {
		return this.#child.exitCode !== null || this.#child.signalCode !== null;
	}

	freeze(): void {
		this.#child.kill('SIGSTOP');
	}

	resume(): void {
		this.#child.kill('SIGCONT');
	}

	/** The machine loses power: no farewell. */
	async kill(): Promise<void> {
		await this.end('SIGKILL');
	}

	/** Asks it to end, or waits until it has; gives its exit code. */
	async end(signal: NodeJS.Signals | null = 'SIGTERM'): Promise<number | null> {
		if (this.hasEnded) return this.#child.exitCode;
		const ended = once(this.#child, 'exit');
		if (signal) this.#child.kill(signal);
		await ended;
		return this.#child.exitCode;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.resume();
		await this.end();
	}
}

/** Starts a persister on a database; resolves once it is at work. */
export async function startPersister(databaseUrl: string): Promise<PersisterProcess> {
	const persister = new PersisterProcess({ DATABASE_URL: databaseUrl });
	await until(
		'the persister is at work',
		() => {
			if (persister.hasEnded) throw new Error(`The persister ended: ${persister.output}`);
			return persister.output.includes('persister is at work');
		},
		60_000,
	);
	return persister;
}
