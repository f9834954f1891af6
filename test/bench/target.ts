import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A server that is measured, in a process of its own. */
export interface Target extends AsyncDisposable {
	readonly name: string;
	readonly pid: number;
	/** Makes a room that nobody was in before, and gives so many people's ways into it. */
	open(people: number): Promise<readonly Door[]>;
}

/** How one person's client speaks to a target. */
export interface Door {
	readonly url: string;
	readonly headers: Readonly<Record<string, string>>;
	/** What is said first. */
	readonly hello: readonly Uint8Array[];
	/** The message that carries an update. */
	frame(update: Uint8Array): Uint8Array;
	read(message: Buffer): Received;
}

/** What a message from a target says; `count` is how many of this client's updates are committed. */
export type Received =
	| { readonly kind: 'welcome' }
	| { readonly kind: 'update'; readonly bytes: Uint8Array }
	| { readonly kind: 'ack'; readonly count: number }
	| { readonly kind: 'other' };

/** A peer's process, on a port of its own. */
export interface PeerProcess extends AsyncDisposable {
	readonly pid: number;
	readonly port: number;
}

/** Starts a file that calls `servePeer`; the process ends with this one, however that ends. */
export async function startPeer(file: string): Promise<PeerProcess> {
	const child = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'inherit'] });
	const ended = once(child, 'exit');
	const told = once(createInterface(child.stdout), 'line') as Promise<[string]>;
	const [port] = await Promise.race([told, ended.then(() => [''] as const)]);
	if (port === '' || child.pid === undefined) throw new Error(`${file} did not start.`);
	return {
		pid: child.pid,
		port: Number(port),
		async [Symbol.asyncDispose]() {
			child.stdin.end();
			await ended;
		},
	};
}

/** Tells the bench where a peer listens, and ends this process when the bench is over. */
export function servePeer(port: number): void {
	console.log(port);
	process.stdin.on('end', () => process.exit()).resume();
}
