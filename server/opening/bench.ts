import { fork, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { limits } from '#server/limits.ts';
import { boundsOf, type Job, type Result } from './jobs.ts';

const program = path.join(import.meta.dirname, 'child.ts');

type Message = { ready: true } | { result: Result<Job['kind']> } | { fault: string };

/** Why a job has no result: it took too much time or memory. `step` is what it said last. */
export class Spoilt extends Error {
	readonly step: number;

	constructor(message: string, step: number) {
		super(message);
		this.step = step;
	}
}

/**
 * A process that does one job after the other and may be lost: it has no secrets and no store. Not a
 * thread, as V8 ends a whole process when one of its threads wants too much memory at once.
 */
export class Bench implements Disposable {
	/** Resolves once it is there, or lost. */
	readonly ready: Promise<void>;
	readonly #child: ChildProcess;
	#step = 0;
	#whyGone = '';
	isLost = false;

	constructor() {
		this.#child = fork(program, [], {
			execPath: process.execPath,
			execArgv: [`--max-old-space-size=${limits.openMiB}`, '--no-warnings'],
			env: {},
			serialization: 'advanced',
			stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
		});
		const { promise, resolve } = Promise.withResolvers<void>();
		this.ready = promise;
		this.#child.once('message', () => resolve());
		this.#child.once('exit', () => this.#lost(resolve));
		this.#child.once('error', () => this.#lost(resolve));
		this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
			this.#step = Number(text.trimEnd().split('\n').at(-1));
		});
	}

	#lost(resolve: () => void): void {
		this.isLost = true;
		resolve();
	}

	/** Does a job. Throws `Spoilt` if it takes too much, and then this bench is lost. */
	async do<Kind extends Job['kind']>(job: Job & { kind: Kind }): Promise<Result<Kind>> {
		await this.ready;
		this.#step = 0;
		const { promise, resolve, reject } = Promise.withResolvers<Message>();
		const onExit = (): void => reject(new Spoilt(this.#whyGone, this.#step));
		const endPatience = this.#patience(boundsOf(job.kind));
		this.#child.once('message', resolve).once('close', onExit);
		try {
			if (this.isLost) throw new Error('A process for opening documents cannot be started.');
			this.#child.send(job, (error) => error && onExit());
			const answer = await promise;
			if ('result' in answer) return answer.result as Result<Kind>;
			throw new Error('fault' in answer ? answer.fault : 'A process says something else.');
		} finally {
			endPatience();
			this.#child.off('message', resolve).off('close', onExit);
		}
	}

	/** Kills what takes too long; a machine that is busy with other things gives it more time. */
	#patience({ ms, mostMs }: ReturnType<typeof boundsOf>): () => void {
		const { pid } = this.#child;
		const startedAt = performance.now();
		const usedBefore = cpuMsOf(pid) ?? 0;
		this.#whyGone = `Opening it needs more than ${limits.openMiB} MiB.`;
		const look = (): void => {
			const waited = performance.now() - startedAt;
			const used = (cpuMsOf(pid) ?? usedBefore + waited) - usedBefore;
			const left = Math.min(ms - used, mostMs - waited);
			if (left > 0) return void (timer = setTimeout(look, Math.max(left, 20)));
			this.#whyGone = `Opening it takes longer than ${ms / 1_000} s.`;
			this.#child.kill('SIGKILL');
		};
		let timer = setTimeout(look, ms);
		return () => clearTimeout(timer);
	}

	[Symbol.dispose](): void {
		this.isLost = true;
		this.#child.kill('SIGKILL');
	}
}

const ticksPerSecond = 100; // Linux, for everybody outside the kernel: proc(5)

/** How long a process has been computing, where the system tells. */
function cpuMsOf(pid: number | undefined): number | null {
	try {
		const [, after = ''] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ');
		const fields = after.split(' ');
		return ((Number(fields[11]) + Number(fields[12])) * 1_000) / ticksPerSecond;
	} catch {
		return null; // not Linux, or it is gone
	}
}
