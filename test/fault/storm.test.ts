import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { impactOf } from '#core/incident/document.ts';
import { limits } from '#server/limits.ts';
import { SyncPeer } from '../support/client.ts';
import { isLarge } from '../support/large.ts';
import { declare, invite } from '../support/people.ts';
import { startPostgres, type OwnPostgres } from '../support/postgres.ts';
import { Prober } from '../support/prober.ts';
import { metricOf, residentBytes } from '../support/process.ts';
import { startProxy, type Proxy } from '../support/proxy.ts';
import { startMuster, type Muster } from '../support/server.ts';
import { until } from '../support/until.ts';

const clients = isLarge ? 500 : 60;
const mib = 2 ** 20;
const backMs = 15_000;
/** A busy machine takes time too, and a process that has just begun takes it for everything. */
const stallMs = { warm: isLarge ? 250 : 2_500, cold: isLarge ? 1_000 : 2_500 };
const emptyStep1 = Uint8Array.of(0, 0, 1, 0);
const step2 = 1;

let postgres: OwnPostgres;
let muster: Muster;
let incident: string;
let tokens: string[];

beforeAll(async () => {
	postgres = await startPostgres();
	muster = await startMuster({ databaseUrl: postgres.url });
	incident = await declare(muster);
	const people = Math.ceil((clients + 1) / limits.socketsPerPerson);
	tokens = [];
	for (let i = 0; i < people; i++) tokens.push((await invite(muster, `p${i}`)).token);
	await fill((await invite(muster, 'ada')).token);
});
afterAll(async () => {
	await muster[Symbol.asyncDispose]();
	await postgres[Symbol.asyncDispose]();
});

/** Somebody who comes back at once, however often: the worst that clients can do. */
class Restless implements Disposable {
	/** How much it was given since it began to come back; it is back once that is everything. */
	bytes = 0;
	/** How often its connection ended. */
	falls = 0;
	readonly #open: () => WebSocket;
	#ws: WebSocket | null = null;
	#isOver = false;

	constructor(open: () => WebSocket) {
		this.#open = open;
		this.#connect();
	}

	get isBack(): boolean {
		return this.bytes > mib && this.#ws?.readyState === WebSocket.OPEN;
	}

	cut(): void {
		this.#ws?.terminate();
	}

	#connect(): void {
		const ws = this.#open();
		this.#ws = ws;
		ws.on('open', () => ws.send(emptyStep1));
		ws.on('message', (data: Buffer) => {
			if (data[0] === 0 && data[1] === step2) this.bytes = data.length;
		});
		ws.on('error', () => undefined /* its close tells */);
		ws.on('close', () => {
			this.bytes = 0;
			this.falls += 1;
			if (!this.#isOver) setTimeout(() => this.#connect(), 20);
		});
	}

	[Symbol.dispose](): void {
		this.#isOver = true;
		this.cut();
	}
}

const storms: Record<string, (wire: Proxy) => Promise<void> | void> = {
	'whose sockets are cut': (wire) => wire.reset(),
	'whose Muster is killed': () => muster.kill().then(() => muster.start()),
	'whose Muster is restarted': () => muster.restart(),
};

it.each(Object.entries(storms))(
	`${clients} clients %s all come back soon, are given one copy, and stall nobody`,
	async (what, breaks) => {
		await using wire = await startProxy({ host: '127.0.0.1', port: portOf(muster) });
		await using prober = new Prober(muster.url);
		using crowd = crowdThrough(wire.port);
		await allBack(crowd.clients);
		for (const client of crowd.clients) client.falls = 0;
		const memoryBefore = await residentBytes(muster);
		await metricOf(muster, 'muster_rooms'); // what the event loop waited before is forgotten
		const loads = countLoads();

		const { pid } = muster;
		await breaks(wire);
		const isRunning = muster.pid === pid;
		await prober.longest(); // a server that begins to listen does not answer yet
		const at = performance.now();
		await until('everybody has fallen', () => crowd.clients.every(({ falls }) => falls > 0));
		await allBack(crowd.clients);
		const ms = performance.now() - at;
		const stall = await prober.longest();
		const lag = 1_000 * (await metricOf(muster, 'nodejs_eventloop_lag_max_seconds'));
		const grown = (await residentBytes(muster)) - memoryBefore;
		console.log(
			`${clients} ${what}: back after ${ms.toFixed(0)} ms, longest stall ${stall.toFixed(0)} ms ` +
				`(event loop ${lag.toFixed(0)}), RSS + ${(grown / mib).toFixed(0)} MiB, ${loads.count} loads`,
		);
		expect(ms).toBeLessThan(backMs);
		expect(stall).toBeLessThan(isRunning ? stallMs.warm : stallMs.cold);
		expect(await metricOf(muster, 'muster_rooms')).toBe(1);
		expect(loads.count).toBeLessThanOrEqual(2); // the room's, and the persister's
		expect(grown).toBeLessThan(64 * mib); // a copy each would be as many megabytes
	},
);

/** Counts from now on how often a document is read from the store as a whole. */
function countLoads(): { readonly count: number } {
	const loads = { count: 0 };
	void postgres.statements.silenceAt('asked', ({ text }) => {
		if (/^select turn, .*state.* from checkpoints/.test(text)) loads.count += 1;
		return false;
	});
	return loads;
}

function crowdThrough(port: number): Disposable & { readonly clients: readonly Restless[] } {
	const all = Array.from({ length: clients }, (_, i) => {
		const token = tokens[i % tokens.length] ?? '';
		const url = `ws://127.0.0.1:${port}/sync/${incident}?ack=1`;
		const headers = { Authorization: `Bearer ${token}` };
		return new Restless(() => new WebSocket(url, { headers }));
	});
	return {
		clients: all,
		[Symbol.dispose]: () => all.forEach((client) => client[Symbol.dispose]()),
	};
}

function allBack(all: readonly Restless[]): Promise<void> {
	return until('all are back', () => all.every(({ isBack }) => isBack), 60_000);
}

function portOf({ url }: Muster): number {
	return Number(new URL(url).port);
}

/** Ada writes a megabyte. */
async function fill(token: string): Promise<void> {
	using ada = new SyncPeer({ syncUrl: muster.syncUrl, incident, token });
	await ada.connect();
	for (let i = 0; i < 21; i++) {
		ada.edit(`${i}`, (doc) => impactOf(doc).insert(0, `${i} `.repeat(20_000)));
		await ada.saved();
	}
}
