import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { realpath, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Refusal } from '#core/refusal.ts';

/** The longest path of a unix socket that every system takes, in bytes. */
const longestPath = 103;
/** How long a start waits for a Muster that is ending. */
const predecessorMs = 5_000;

/**
 * Holds a data directory for this process, wherever the store is: what is unsaved lies in it, and two
 * nodes would deliver each other's. Refused with a sentence if another Muster has it. The hold is a
 * socket that somebody listens at, so it ends with its process, also if that is killed.
 */
export async function holdDirectory(
	dataDir: string,
	patienceMs = predecessorMs,
): Promise<AsyncDisposable> {
	const place = await placeFor(dataDir);
	const deadline = performance.now() + patienceMs;
	while (await isHeld(place)) {
		if (performance.now() > deadline) {
			throw new Refusal(
				'conflict',
				`Another Muster is running on ${dataDir}. Stop it first, or set DATA_DIR to another directory.`,
			);
		}
		await pause(50);
	}
	await rm(place, { force: true });
	const holder = createServer((socket) => socket.destroy()).listen(place);
	await once(holder, 'listening');
	return {
		async [Symbol.asyncDispose]() {
			holder.close();
			await once(holder, 'close');
		},
	};
}

async function placeFor(dataDir: string): Promise<string> {
	const home = await realpath(dataDir);
	const inside = path.join(home, 'held');
	if (Buffer.byteLength(inside) <= longestPath) return inside;
	const digest = createHash('sha256').update(home).digest('hex').slice(0, 16);
	return path.join(tmpdir(), `muster-${digest}-held`);
}

async function isHeld(place: string): Promise<boolean> {
	const socket = connect(place);
	try {
		await once(socket, 'connect');
		return true;
	} catch {
		return false; // Nobody listens there, or not any more.
	} finally {
		socket.destroy();
	}
}
