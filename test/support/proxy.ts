import { once } from 'node:events';
import net, { type AddressInfo, type NetConnectOpts, type Socket } from 'node:net';
import { Link, type Direction, type LinkRules, type Tap } from './link.ts';

/** A wire to a server that a test can slow down, silence and break in every way in which wires break. */
export class Proxy implements AsyncDisposable {
	/** Each chunk arrives this much later, in both directions. */
	delayMs = 0;
	/** Each chunk of what the server says arrives this much later still. */
	answerDelayMs = 0;
	readonly #target: NetConnectOpts;
	readonly #tap: (() => Tap) | null;
	readonly #server: net.Server;
	readonly #links = new Set<Link>();
	#state: 'open' | 'cut' | 'frozen' = 'open';
	/** How many bytes still pass in each direction before everything breaks. */
	readonly #left: Record<Direction, number> = { toServer: Infinity, toClient: Infinity };

	/** With a tap, each connection gets one of its own, which reads along. */
	constructor(target: NetConnectOpts, tap: (() => Tap) | null = null) {
		this.#target = target;
		this.#tap = tap;
		this.#server = net.createServer({ allowHalfOpen: true }, (socket) => this.#join(socket));
	}

	get port(): number {
		return (this.#server.address() as AddressInfo).port;
	}

	/** How many connections pass through it. */
	get connections(): number {
		return this.#links.size;
	}

	async listen(): Promise<void> {
		this.#server.listen(0, '127.0.0.1');
		await once(this.#server, 'listening');
	}

	/** All connections end, and new ones are refused. */
	cut(): void {
		this.#state = 'cut';
		for (const link of this.#links) link.cut();
	}

	/** A black hole: nothing passes, and nobody is told. */
	freeze(): void {
		this.#state = 'frozen';
		for (const link of this.#links) link.pause();
	}

	/** Everything passes again, also what was held up. */
	open(): void {
		this.#state = 'open';
		for (const link of this.#links) link.resume();
	}

	/** All connections are reset; new ones pass. */
	reset(): void {
		for (const link of this.#links) link.reset();
	}

	/** One direction of all connections ends in order; the other goes on, and so do new ones. */
	halfClose(direction: Direction): void {
		for (const link of this.#links) link.end(direction);
	}

	/** All connections are half-open: the server has forgotten them, the client does not know. New ones pass. */
	halfOpen(): void {
		for (const link of this.#links) link.forget();
	}

	/** After so many more bytes in a direction whatever carries the next one is reset; new ones pass. */
	breakAfter(bytes: number, direction: Direction): void {
		this.#left[direction] = bytes;
	}

	#join(near: Socket): void {
		if (this.#state === 'cut') {
			near.destroy();
			return;
		}
		const far = net.connect({ ...this.#target, allowHalfOpen: true });
		const link = new Link({ near, far }, this.#tap?.() ?? null, this.#rules);
		this.#links.add(link);
		void link.ended.then(() => this.#links.delete(link));
		if (this.#state === 'frozen') link.pause();
	}

	readonly #rules: LinkRules = {
		delayMs: (direction) => this.delayMs + (direction === 'toClient' ? this.answerDelayMs : 0),
		allow: (direction, bytes) => {
			const allowed = Math.min(bytes, this.#left[direction]);
			this.#left[direction] = allowed < bytes ? Infinity : this.#left[direction] - bytes;
			return allowed;
		},
	};

	async [Symbol.asyncDispose](): Promise<void> {
		this.cut();
		this.#server.close();
		await once(this.#server, 'close');
	}
}

/** Puts a wire in front of a server. */
export async function startProxy(
	target: NetConnectOpts,
	tap: (() => Tap) | null = null,
): Promise<Proxy> {
	const proxy = new Proxy(target, tap);
	await proxy.listen();
	return proxy;
}
