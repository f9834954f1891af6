import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { seeded } from '../support/random.ts';
import { until } from '../support/until.ts';
import { cpuOf } from './cpu.ts';
import type { Door, Target } from './target.ts';
import { encodeTyping, UpdateReader, type Typing } from './typing.ts';

/** So many people in one room who make so many edits a second, all of them together. */
export interface Scenario {
	readonly name: string;
	readonly people: number;
	readonly editsPerSecond: number;
	readonly seconds: number;
}

/** What one round showed; times in milliseconds. */
export interface Round {
	/** For each delivery, how long after it was sent somebody else had the edit. */
	readonly seen: readonly number[];
	/** For each edit, how long after it was sent the server said that it is committed. */
	readonly acked: readonly number[];
	/** Edits times receivers, while the processor's time was taken. */
	readonly deliveries: number;
	readonly serverMs: number;
	readonly postgresMs: number;
}

const warmUpSeconds = 1.5;

/** Lets the people of a scenario type in a fresh room. Throws if anybody misses an edit. */
export async function measure(target: Target, scenario: Scenario): Promise<Round> {
	const doors = await target.open(scenario.people);
	using crowd = new Crowd(doors, plan(scenario));
	await crowd.gather();
	crowd.start();
	await pause(warmUpSeconds * 1_000);
	const cpuBefore = await cpuOf(target.pid);
	const deliveriesBefore = crowd.deliveries;
	crowd.count();
	await crowd.done();
	const deliveries = crowd.deliveries - deliveriesBefore;
	const cpu = await cpuOf(target.pid);
	return {
		seen: crowd.seen,
		acked: crowd.acked,
		deliveries,
		serverMs: cpu.serverMs - cpuBefore.serverMs,
		postgresMs: cpu.postgresMs - cpuBefore.postgresMs,
	};
}

/** Who sends when: `at` in milliseconds since the start. */
interface Send {
	readonly at: number;
	readonly who: number;
}

/** Everybody types at the same even pace, each from a moment of their own; in every round the same. */
function plan({ people, editsPerSecond, seconds }: Scenario): Send[] {
	const random = seeded(1);
	const paceMs = (1_000 * people) / editsPerSecond;
	const each = Math.floor((1_000 * (warmUpSeconds + seconds)) / paceMs);
	const sends = Array.from({ length: people }, (_, who) => {
		const first = random() * paceMs;
		return Array.from({ length: each }, (_, i): Send => ({ at: first + i * paceMs, who }));
	});
	return sends.flat().sort((a, b) => a.at - b.at);
}

/** One person's connection: what was sent when, and how much of everybody's typing has come. */
interface Client {
	readonly door: Door;
	readonly ws: WebSocket;
	readonly typing: Typing;
	readonly sentAt: number[];
	/** By person, how many of their edits are here. */
	readonly seen: number[];
	acked: number;
	isIn: boolean;
}

/** All people of a round; they send prepared bytes and run no document. */
class Crowd implements Disposable {
	readonly seen: number[] = [];
	readonly acked: number[] = [];
	deliveries = 0;
	readonly #clients: readonly Client[];
	readonly #sends: readonly Send[];
	readonly #whoIs: ReadonlyMap<number, number>;
	readonly #reader = new UpdateReader();
	readonly #each: number;
	#countsFrom = Infinity;
	#timer: NodeJS.Timeout | null = null;
	#fault: Error | null = null;

	constructor(doors: readonly Door[], sends: readonly Send[]) {
		this.#sends = sends;
		this.#each = sends.length / doors.length;
		this.#clients = doors.map((door, who) => this.#connect(door, who));
		this.#whoIs = new Map(this.#clients.map(({ typing }, who) => [typing.client, who]));
	}

	#connect(door: Door, who: number): Client {
		const ws = new WebSocket(door.url, { headers: door.headers, perMessageDeflate: false });
		const client: Client = {
			...{ door, ws, typing: encodeTyping(1_000_000 + who, this.#each) },
			...{ sentAt: [], seen: [], acked: 0, isIn: false },
		};
		ws.on('open', () => door.hello.forEach((message) => ws.send(message)));
		ws.on('message', (data: Buffer) => this.#take(client, who, data));
		ws.on('error', (error) => (this.#fault ??= error));
		ws.on('close', (code, reason) => {
			this.#fault ??= new Error(`The server closed a connection: ${code} ${reason.toString()}`);
		});
		return client;
	}

	/** Waits until everybody is in. */
	async gather(): Promise<void> {
		await this.#until('everybody is in the room', () => this.#clients.every(({ isIn }) => isIn));
	}

	start(): void {
		const startedAt = performance.now();
		let next = 0;
		const tick = (): void => {
			const elapsed = performance.now() - startedAt;
			for (let send = this.#sends[next]; send && send.at <= elapsed; send = this.#sends[++next]) {
				this.#send(send.who);
			}
			const send = this.#sends[next];
			if (send) this.#timer = setTimeout(tick, send.at - elapsed);
		};
		tick();
	}

	/** What is sent from now on counts. */
	count(): void {
		this.#countsFrom = performance.now();
	}

	/** Waits until everything was sent and everybody has it. */
	async done(): Promise<void> {
		const lastMs = this.#sends.at(-1)?.at ?? 0;
		const others = this.#clients.length - 1;
		const isHere = () => this.deliveries === this.#sends.length * others;
		await this.#until('everybody has every edit', isHere, lastMs + 10_000);
		const isAcked = () => this.#clients.every(({ acked }) => acked === 0 || acked === this.#each);
		await this.#until('every edit is acknowledged', isAcked);
	}

	async #until(what: string, isSo: () => boolean, withinMs?: number): Promise<void> {
		const check = (): boolean => {
			if (this.#fault) throw this.#fault;
			return isSo();
		};
		await until(what, check, withinMs);
	}

	#send(who: number): void {
		const client = this.#clients[who];
		const update = client?.typing.updates[client.sentAt.length];
		if (!client || !update) throw new Error('Nothing is left to send.');
		const message = client.door.frame(update);
		client.sentAt.push(performance.now());
		client.ws.send(message);
	}

	#take(client: Client, who: number, data: Buffer): void {
		const now = performance.now();
		const received = client.door.read(data);
		if (received.kind === 'welcome') client.isIn = true;
		if (received.kind === 'ack') this.#takeAck(client, received.count, now);
		if (received.kind !== 'update') return;
		for (const { client: author, from, to } of this.#reader.read(received.bytes)) {
			const by = this.#whoIs.get(author);
			if (by !== undefined && by !== who) this.#takeEdits(client, { by, from, to, now });
		}
	}

	#takeEdits(
		client: Client,
		{ by, from, to, now }: { by: number; from: number; to: number; now: number },
	): void {
		const known = client.seen[by] ?? 0;
		if (from > known) this.#fault ??= new Error('An edit came before the one that it builds on.');
		for (let n = known; n < to; n++) this.#note(this.seen, this.#clients[by]?.sentAt[n], now);
		client.seen[by] = Math.max(known, to);
		this.deliveries += Math.max(0, to - known);
	}

	#takeAck(client: Client, count: number, now: number): void {
		for (let n = client.acked; n < count; n++) this.#note(this.acked, client.sentAt[n], now);
		client.acked = count;
	}

	#note(samples: number[], sentAt: number | undefined, now: number): void {
		if (sentAt !== undefined && sentAt >= this.#countsFrom) samples.push(now - sentAt);
	}

	[Symbol.dispose](): void {
		if (this.#timer) clearTimeout(this.#timer);
		for (const { ws } of this.#clients) ws.terminate();
	}
}
