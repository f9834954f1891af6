import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import { impactOf, theoryOf } from '#core/incident/document.ts';
import { SyncPeer, syncFrame } from '../support/client.ts';
import { testDatabaseUrl } from '../support/database.ts';
import { isLarge } from '../support/large.ts';
import { declare, invite, type TestPerson } from '../support/people.ts';
import { metricOf } from '../support/process.ts';
import { RawSocket } from '../support/rawSocket.ts';
import { startMuster, type Muster } from '../support/server.ts';
import { until } from '../support/until.ts';

/** Eight of them together stay below what one document may take, at 5 MiB a second. */
const paceMs = 400;
const kib = 1_024;
const mib = 1_024 * kib;
const flowBytes = (isLarge ? 100 : 40) * mib;

let muster: Muster;
let incident: string;
beforeAll(async () => {
	muster = await startMuster({ databaseUrl: await testDatabaseUrl() });
});
afterAll(() => muster[Symbol.asyncDispose]());

async function comeIn(person: Pick<TestPerson, 'token'>): Promise<SyncPeer> {
	const peer = new SyncPeer({ syncUrl: muster.syncUrl, incident, token: person.token });
	await peer.connect();
	return peer;
}

/** A client that is let in and then takes nothing any more. */
async function slowReader(): Promise<WebSocket> {
	const ws = new WebSocket(`${muster.syncUrl}/${incident}`, {
		headers: { Authorization: `Bearer ${muster.adminToken}` },
	});
	ws.on('error', () => undefined);
	await once(ws, 'message');
	ws.pause();
	return ws;
}

/** The server's memory in bytes. */
async function memory(): Promise<number> {
	const status = await readFile(`/proc/${muster.pid}/status`, 'utf8');
	return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * kib;
}

/** Somebody who writes and erases long texts, and takes no notice of the others. */
class Writer {
	readonly #socket: RawSocket;
	readonly #doc = new Y.Doc();
	#sent = 0;

	constructor(socket: RawSocket) {
		this.#socket = socket;
		this.#doc.on('update', (update: Uint8Array) => {
			this.#sent += 1;
			socket.send(syncFrame('update', update));
		});
	}

	async write(length: number): Promise<void> {
		impactOf(this.#doc).insert(0, 'x'.repeat(length));
		await this.#saved(); // in one turn with its deletion, nobody would be sent the text
		impactOf(this.#doc).delete(0, length);
		await this.#saved();
	}

	#saved(): Promise<void> {
		return until('it is saved', () => {
			if (this.#socket.closed) throw new Error(JSON.stringify(this.#socket.closed));
			return this.#socket.acked === this.#sent;
		});
	}
}

/** The writers write and erase so many bytes; gives the most memory that the server had meanwhile. */
async function flow(writers: readonly Writer[], bytes: number): Promise<number> {
	const size = 256 * kib;
	let most = 0;
	let left = bytes / size;
	const write = async (writer: Writer): Promise<void> => {
		while (left > 0) {
			left -= 1;
			await Promise.all([writer.write(size), pause(paceMs)]);
			most = Math.max(most, await memory());
		}
	};
	await Promise.all(writers.map(write));
	return most;
}

it('fifty who read nothing cost little while megabytes flow, and others see edits in time', async () => {
	incident = await declare(muster);
	const people = await Promise.all(Array.from({ length: 10 }, (_, i) => invite(muster, `p${i}`)));
	const [ada, grace, ...others] = people as [TestPerson, TestPerson, ...TestPerson[]];
	using typing = await comeIn(ada);
	using reading = await comeIn(grace);
	const writers = await Promise.all(
		others.map(async ({ token }) => {
			const { syncUrl } = muster;
			return new Writer(await RawSocket.open({ syncUrl, incident, token }));
		}),
	);
	// So much traffic costs something by itself: garbage that is collected later.
	const without = await flow(writers, flowBytes);
	const slow = await Promise.all(Array.from({ length: 50 }, slowReader));

	const waits: number[] = [];
	let isOver = false;
	const type = async (): Promise<void> => {
		for (let n = 0; !isOver; n++) {
			const at = performance.now();
			typing.edit(`${n}`, (doc) => theoryOf(doc).insert(0, `<${n}>`));
			await until('it is seen', () => {
				const ended = typing.closed ?? reading.closed;
				if (ended) throw new Error(JSON.stringify(ended));
				return theoryOf(reading.doc).toJSON().startsWith(`<${n}>`);
			});
			waits.push(performance.now() - at);
			await pause(50 - ((performance.now() - at) % 50)); // twenty edits a second
		}
	};
	const typed = type();
	const most = await flow(writers, flowBytes);
	isOver = true;
	await typed;

	waits.sort((a, b) => a - b);
	const p99 = waits[Math.floor(waits.length * 0.99)] ?? Infinity;
	console.log(
		`RSS + ${((most - without) / mib).toFixed(0)} MiB over ${(without / mib).toFixed(0)}; ` +
			`others p50 ${waits[waits.length >> 1]?.toFixed(0)} p99 ${p99.toFixed(0)} ms of ${waits.length}`,
	);
	// Garbage of a short flow varies more than what fifty readers cost.
	expect(most - without).toBeLessThan((isLarge ? 64 : 96) * mib);
	for (const ws of slow) ws.resume();
	await until('all of them are sent away', () =>
		slow.every((ws) => ws.readyState === WebSocket.CLOSED),
	);
	const refused = await metricOf(muster, 'muster_sync_refusals_total{reason="slow"}');
	expect(refused).toBe(slow.length); // with 1013, which those hear who read on in time
	expect(p99).toBeLessThan(isLarge ? 250 : 1_000);
}, 120_000);
