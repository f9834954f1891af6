import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, rename, stat, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Refusal } from '#core/refusal.ts';
import type { Supervised } from './supervisor.ts';

/** Muster's end of the supervisor. */
export interface Supervisor {
	isRunning(): boolean;
	/** PostgreSQL has started: from now on it is started again should it end. */
	keepAlive(): void;
	/** Stops PostgreSQL; resolves once it and the supervisor are gone. */
	stop(): Promise<void>;
	/** Calls back if the supervisor ends without having been asked. */
	onLost(lost: () => void): void;
	/** Why PostgreSQL did not start, from its log. */
	failure(): Promise<Refusal>;
}

const largestLog = 10 * 1024 * 1024;
const program = path.join(import.meta.dirname, 'supervisor.ts');

/** Starts the supervisor in a session of its own, so that Ctrl-C reaches Muster alone. */
export async function supervise(what: Supervised, logFile: string): Promise<Supervisor> {
	const { output, from } = await openLog(logFile);
	const child = spawn(process.execPath, [program, JSON.stringify(what)], {
		cwd: '/',
		detached: true,
		stdio: ['pipe', 'ignore', output.fd],
	});
	await once(child, 'spawn');
	await output.close();
	const ended = once(child, 'exit');
	let isStopping = false;
	child.stdin?.on('error', () => {}); // It is gone: its exit tells.
	child.unref();

	return {
		isRunning: () => child.exitCode === null && child.signalCode === null,
		keepAlive: () => child.stdin?.write('\n'),
		async stop() {
			isStopping = true;
			child.ref();
			child.stdin?.end();
			await ended;
		},
		onLost: (lost) => void child.once('exit', () => isStopping || lost()),
		async failure() {
			const said = (await readFile(logFile)).subarray(from).toString().trim();
			return new Refusal('unavailable', `PostgreSQL did not start:\n${said || 'it said nothing.'}`);
		},
	};
}

/** PostgreSQL's log goes on where it was, or anew beside the old one when that has become large. */
async function openLog(file: string) {
	const size = await stat(file).then(
		(found) => found.size,
		() => 0,
	);
	if (size > largestLog) await rename(file, `${file}.old`);
	return { output: await open(file, 'a', 0o600), from: size > largestLog ? 0 : size };
}
