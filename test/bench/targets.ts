import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { declare, invite, type TestPerson } from '../support/people.ts';
import { startMuster } from '../support/server.ts';
import type { Job } from './load.ts';

/** Something that is measured: a server in a process of its own. */
export interface Target extends AsyncDisposable {
	readonly name: 'Muster' | 'Hocuspocus' | 'relay';
	readonly pid: number;
	/** A fresh room for so many people. */
	newRoom(people: number): Promise<Pick<Job, 'protocol' | 'url' | 'room' | 'people'>>;
}

/** Muster with its embedded store, as `npm start` runs it. */
export async function startMusterTarget(): Promise<Target> {
	const muster = await startMuster();
	const people: TestPerson[] = [];
	return {
		name: 'Muster',
		pid: muster.pid,
		async newRoom(count) {
			for (let i = people.length; i < count; i++) people.push(await invite(muster, `person-${i}`));
			const room = await declare(muster);
			return {
				protocol: 'y-websocket',
				url: `${muster.syncUrl}/${room}?ack=1`,
				room,
				people: people.slice(0, count).map(({ token }) => `Bearer ${token}`),
			};
		},
		[Symbol.asyncDispose]: () => muster[Symbol.asyncDispose](),
	};
}

export function startHocuspocus(): Promise<Target> {
	return startPeer('Hocuspocus', 'hocuspocus.js', 'hocuspocus');
}

export function startRelay(): Promise<Target> {
	return startPeer('relay', 'relay.ts', 'relay');
}

async function startPeer(
	name: Target['name'],
	program: string,
	protocol: Job['protocol'],
): Promise<Target> {
	const child = fork(path.join(import.meta.dirname, 'targets', program));
	const port = await firstMessage<number>(child);
	let rooms = 0;
	return {
		name,
		pid: child.pid ?? 0,
		newRoom: (count) =>
			Promise.resolve({
				protocol,
				url: `ws://127.0.0.1:${port}`,
				room: `room-${++rooms}`,
				people: Array<null>(count).fill(null),
			}),
		async [Symbol.asyncDispose]() {
			const ended = once(child, 'exit');
			child.kill();
			await ended;
		},
	};
}

/** What a child process says first; throws if it ends before. */
export async function firstMessage<T>(child: ChildProcess): Promise<T> {
	const ended = once(child, 'exit').then(([code]) => {
		throw new Error(`${child.spawnargs.at(-1)?.slice(0, 200)} ended with ${String(code)}.`);
	});
	const [message] = (await Promise.race([once(child, 'message'), ended])) as [T];
	ended.catch(() => undefined /* it has done its work */);
	return message;
}
