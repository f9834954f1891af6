import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { seeded } from '../support/random.ts';
import { cpuOf, cpuOfDescendants } from './cpu.ts';
import { encodeTyping, numbersIn } from './edits.ts';
import { wireOf, type Protocol, type Wire } from './protocol.ts';

/** What this process is asked to do, as JSON in its first argument. */
export interface Job {
	readonly protocol: Protocol;
	readonly url: string;
	readonly room: string;
	/** An `Authorization` header for each person. */
	readonly people: readonly (string | null)[];
	readonly editsPerSecond: number;
	readonly warmUpMs: number;
	readonly measureMs: number;
	readonly serverPid: number;
	readonly seed: number;
}

/** What it found, sent to its parent. Latencies in milliseconds. */
export interface Findings {
	readonly seen: readonly number[];
	readonly acked: readonly number[];
	/** Edits that somebody did not get. */
	readonly missing: number;
	/** Milliseconds of computing, by the server and by what it started. */
	readonly cpu: number;
	readonly storeCpu: number;
}

interface Sending {
	readonly at: number;
	readonly author: number;
	readonly frame: Uint8Array;
	readonly number: number;
}

const patienceMs = 3_000;

/** Many people in one room, in one process, who send what was encoded beforehand and time what they get. */
class Load {
	readonly #job: Job;
	readonly #wire: Wire;
	readonly #sockets: WebSocket[] = [];
	readonly #sendings: readonly Sending[];
	readonly #sentAt: Float64Array;
	readonly #author: Uint8Array;
	/** Who has which edit. */
	readonly #has: readonly Uint8Array[];
	/** Per person, the numbers of the edits in the order of their messages; -1 for a step 2. */
	readonly #messages: readonly number[][];
	readonly #acknowledged: number[];
	readonly #seen: number[] = [];
	readonly #acked: number[] = [];
	#measuresFrom = Infinity;
	#expected = 0;

	constructor(job: Job) {
		this.#job = job;
		this.#wire = wireOf(job.protocol, job.room);
		this.#sendings = schedule(job, this.#wire);
		this.#sentAt = new Float64Array(this.#sendings.length);
		this.#author = Uint8Array.from(this.#sendings, ({ author }) => author);
		this.#has = job.people.map(() => new Uint8Array(this.#sendings.length));
		this.#messages = job.people.map(() => []);
		this.#acknowledged = job.people.map(() => 0);
	}

	async run(): Promise<Findings> {
		for (const [person, authorization] of this.#job.people.entries()) {
			await this.#join(person, authorization);
		}
		const start = performance.now();
		const { warmUpMs, serverPid } = this.#job;
		let before = { cpu: 0, storeCpu: 0 };
		for (const sending of this.#sendings) {
			const wait = start + sending.at - performance.now();
			if (wait > 0) await pause(wait);
			if (this.#measuresFrom === Infinity && sending.at >= warmUpMs) {
				before = measureCpu(serverPid);
				this.#measuresFrom = performance.now();
			}
			this.#send(sending);
		}
		const patience = performance.now() + patienceMs;
		while (this.#seen.length < this.#expected && performance.now() < patience) await pause(5);
		const after = measureCpu(serverPid);
		for (const socket of this.#sockets) socket.terminate();
		return {
			seen: this.#seen,
			acked: this.#acked,
			missing: this.#expected - this.#seen.length,
			cpu: after.cpu - before.cpu,
			storeCpu: after.storeCpu - before.storeCpu,
		};
	}

	async #join(person: number, authorization: string | null): Promise<void> {
		const headers = authorization === null ? {} : { Authorization: authorization };
		const socket = new WebSocket(this.#job.url, { headers, perMessageDeflate: false });
		this.#sockets[person] = socket;
		const welcome = Promise.withResolvers<void>();
		socket.on('message', (data: Buffer) => {
			if (this.#take(person, data) === 'welcome') welcome.resolve();
		});
		socket.on('close', () => welcome.reject(new Error(`${this.#job.url} closed a connection.`)));
		socket.on('error', (error) => welcome.reject(error));
		await once(socket, 'open');
		for (const frame of this.#wire.hello) socket.send(frame);
		if (this.#wire.hello.length > 0) await welcome.promise;
		else welcome.resolve();
	}

	#send({ author, frame, number }: Sending): void {
		const now = performance.now();
		this.#sentAt[number] = now;
		if (now >= this.#measuresFrom) this.#expected += this.#job.people.length - 1;
		this.#messages[author]?.push(number);
		this.#sockets[author]?.send(frame);
	}

	#take(person: number, data: Buffer): ReturnType<Wire['kindOf']> {
		const kind = this.#wire.kindOf(data);
		if (kind === 'ack') this.#takeAck(person, data);
		else if (kind === 'asks' && this.#wire.answer) {
			this.#messages[person]?.push(-1);
			this.#sockets[person]?.send(this.#wire.answer);
		} else if (kind === 'other') this.#takeEdits(person, data);
		return kind;
	}

	#takeEdits(person: number, data: Buffer): void {
		const now = performance.now();
		const has = this.#has[person] ?? new Uint8Array();
		for (const number of numbersIn(data)) {
			const sentAt = this.#sentAt[number] ?? 0;
			if (sentAt === 0 || has[number] === 1 || this.#author[number] === person) continue;
			has[number] = 1;
			if (sentAt >= this.#measuresFrom) this.#seen.push(now - sentAt);
		}
	}

	#takeAck(person: number, data: Buffer): void {
		const now = performance.now();
		const messages = this.#messages[person] ?? [];
		for (let n = this.#acknowledged[person] ?? 0; n < varUintAt(data, 1); n++) {
			const sentAt = this.#sentAt[messages[n] ?? -1] ?? 0;
			if (sentAt >= this.#measuresFrom) this.#acked.push(now - sentAt);
			this.#acknowledged[person] = n + 1;
		}
	}
}

/** Everybody types at the same pace, each with a rhythm of their own. */
function schedule(job: Job, wire: Wire): Sending[] {
	const random = seeded(job.seed);
	const { people, editsPerSecond, warmUpMs, measureMs } = job;
	const paceMs = (people.length * 1_000) / editsPerSecond;
	const times = people.flatMap((_, author) => {
		const count = Math.floor((warmUpMs + measureMs) / paceMs);
		const offset = random();
		return Array.from({ length: count }, (_edit, i) => {
			return { author, at: (i + offset + (random() - 0.5) * 0.6) * paceMs };
		});
	});
	times.sort((a, b) => a.at - b.at);
	const numbers = people.map((_, author) =>
		times.flatMap((time, number) => (time.author === author ? [number] : [])),
	);
	const updates = numbers.map((own) => encodeTyping(own));
	const frames = new Map(
		numbers.flatMap((own, author) =>
			own.map(
				(number, i) => [number, wire.edit(updates[author]?.[i] ?? new Uint8Array())] as const,
			),
		),
	);
	return times.map((time, number) => {
		return { ...time, number, frame: frames.get(number) ?? new Uint8Array() };
	});
}

function varUintAt(data: Buffer, from: number): number {
	let value = 0;
	for (let at = from, unit = 1; at < data.length; at++, unit *= 128) {
		const byte = data[at] ?? 0;
		value += (byte & 0x7f) * unit;
		if (byte < 128) break;
	}
	return value;
}

function measureCpu(pid: number): { cpu: number; storeCpu: number } {
	return { cpu: cpuOf(pid), storeCpu: cpuOfDescendants(pid) };
}

process.send?.(await new Load(JSON.parse(process.argv[2] ?? '') as Job).run());
