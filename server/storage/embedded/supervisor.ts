import { spawn, type ChildProcess } from 'node:child_process';

// A process of its own session that holds PostgreSQL for Muster. Its input is a pipe from Muster:
// when that ends, also by kill -9, PostgreSQL is stopped. Until the first byte arrives on it, a
// PostgreSQL that ends is a failed start; from then on it is started again. What both have to say
// goes to the supervisor's error output, a file.

/** What to run, given as JSON in the first argument. */
export interface Supervised {
	readonly words: readonly string[];
	readonly user: { readonly uid: number; readonly gid: number } | null;
}

const restartMs = 500;
const patienceMs = 30_000;

const { words, user } = JSON.parse(process.argv[2] ?? '') as Supervised;
let isStarted = false;
let isStopping = false;
let server = start();

function start(): ChildProcess {
	const [file = '', ...rest] = words;
	const child = spawn(file, rest, { ...user, cwd: '/', stdio: ['ignore', 2, 2] });
	child.once('exit', ended);
	child.once('error', () => process.exit(1));
	return child;
}

function ended(): void {
	if (isStopping) process.exit(0);
	if (!isStarted) process.exit(1);
	setTimeout(() => (server = start()), restartMs);
}

/** A fast shutdown; an immediate one, which loses nothing either, if that takes too long. */
function stop(): void {
	isStopping = true;
	if (server.exitCode !== null || server.signalCode !== null) process.exit(0);
	server.kill('SIGINT');
	setTimeout(() => server.kill('SIGQUIT'), patienceMs);
}

process.stdin.on('data', () => (isStarted = true));
process.stdin.once('end', stop);
process.stdin.once('error', stop);

// Service managers signal every process at once: Muster ends first, then the pipe says so.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
