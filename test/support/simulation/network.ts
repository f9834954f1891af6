import type { Frame } from '#server/sync/peers/frames.ts';
import type { Wire } from '#server/sync/peers/wire.ts';
import type { Dial, Line, LineEvents } from '../client.ts';
import type { Host, SimulatedTime } from './time.ts';

const brokenCode = 1006;

/** A connection between a client and a node: what is said arrives later, in order, or not at all. */
export class Connection {
	/** The node's end. */
	readonly wire: Wire;
	/** The client's end. */
	readonly line: Line;
	readonly #time: SimulatedTime;
	readonly #host: Host;
	readonly #random: () => number;
	readonly #events: LineEvents;
	#take: (bytes: Uint8Array | null) => void = () => {};
	#gone: () => void = () => {};
	readonly #unread: Uint8Array[] = [];
	#isPaused = true;
	#isOpenHere = true;
	#isOpenThere = true;
	#waitingBytes = 0;
	/** When the last message in each direction arrives. */
	readonly #busyUntil = { toNode: 0, toClient: 0 };

	constructor(parts: {
		time: SimulatedTime;
		host: Host;
		random: () => number;
		events: LineEvents;
	}) {
		this.#time = parts.time;
		this.#host = parts.host;
		this.#random = parts.random;
		this.#events = parts.events;
		this.wire = this.#makeWire();
		this.line = this.#makeLine();
	}

	/** It breaks: both ends learn of it. */
	break(): void {
		this.#endLine(brokenCode, 'broken');
		this.#host.after(this.#latencyMs(), () => this.#endWire());
	}

	/** Nobody listens there. */
	refuse(): void {
		this.#time.after(this.#latencyMs(), () => this.#endLine(brokenCode, 'refused'));
	}

	/** The client may speak. */
	open(): void {
		this.#time.after(this.#latencyMs(), () => this.#isOpenHere && this.#events.opened());
	}

	#makeWire(): Wire {
		const isOpen = () => this.#isOpenThere;
		const waitingBytes = () => this.#waitingBytes;
		return {
			get isOpen() {
				return isOpen();
			},
			get waitingBytes() {
				return waitingBytes();
			},
			send: (frame) => {
				this.#waitingBytes += frame.length;
				this.#time.after(this.#arrivalMs('toClient'), () => {
					this.#waitingBytes -= frame.length;
					if (this.#isOpenHere) this.#events.took(messageIn(frame));
				});
			},
			close: (code, reason) => {
				this.#isOpenThere = false;
				this.#isPaused = false;
				this.#time.after(this.#arrivalMs('toClient'), () => this.#endLine(code, reason));
				this.#host.after(2 * this.#latencyMs(), () => this.#gone());
			},
			pause: (isPaused) => {
				this.#isPaused = isPaused;
				while (!this.#isPaused && this.#unread.length > 0) this.#take(this.#unread.shift() ?? null);
			},
			onMessage: (take) => (this.#take = take),
			onClose: (gone) => (this.#gone = gone),
		};
	}

	#makeLine(): Line {
		const isOpen = () => this.#isOpenHere;
		return {
			get isOpen() {
				return isOpen();
			},
			send: (bytes) => {
				if (typeof bytes === 'string') throw new Error('Clients of a simulation send no text.');
				this.#host.after(this.#arrivalMs('toNode'), () => {
					if (!this.#isOpenThere) return;
					if (this.#isPaused) this.#unread.push(bytes);
					else this.#take(bytes);
				});
			},
			pause: () => {
				throw new Error('Clients of a simulation read always.');
			},
			cut: () => this.break(),
		};
	}

	#endLine(code: number, reason: string): void {
		if (!this.#isOpenHere) return;
		this.#isOpenHere = false;
		this.#events.ended({ code, reason });
	}

	#endWire(): void {
		if (!this.#isOpenThere) return;
		this.#isOpenThere = false;
		this.#gone();
	}

	/** In how many ms a further message arrives, after those before it. */
	#arrivalMs(direction: 'toNode' | 'toClient'): number {
		const at = Math.max(this.#busyUntil[direction], this.#time.instant + this.#latencyMs());
		this.#busyUntil[direction] = at;
		return at - this.#time.instant;
	}

	#latencyMs(): number {
		return 0.1 + this.#random() ** 4 * 40;
	}
}

/** Connects to a node that runs on a host; `admit` lets the connection in there, or breaks it. */
export function dialTo(
	parts: { time: SimulatedTime; host: Host; random: () => number },
	admit: (connection: Connection) => void,
): Dial {
	return (events) => {
		const connection = new Connection({ ...parts, events });
		admit(connection);
		return connection.line;
	};
}

/** The message in a websocket frame (RFC 6455 §5.2). */
function messageIn(frame: Frame): Uint8Array {
	const size = (frame[1] ?? 0) & 0x7f;
	return frame.subarray(size < 126 ? 2 : size === 126 ? 4 : 10);
}
