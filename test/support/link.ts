import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** Reads along on one connection and says which bytes go on now. */
export interface Tap {
	toServer(chunk: Buffer): Uint8Array;
	toClient(chunk: Buffer): Uint8Array;
}

/** The two directions of a wire, named by where they lead. */
export type Direction = keyof Tap;

/** What a link asks of its wire, for every chunk. */
export interface LinkRules {
	/** How much later a chunk arrives. */
	delayMs(direction: Direction): number;
	/** How many of these bytes still pass; all else breaks the connection. */
	allow(direction: Direction, bytes: number): number;
}

/** One connection through a wire: what is said at one end is heard at the other. */
export class Link {
	readonly #near: Socket;
	readonly #far: Socket;
	readonly #tap: Tap | null;
	readonly #rules: LinkRules;
	/** What is on its way, in order. */
	readonly #way: Record<Direction, Promise<void>> = {
		toServer: Promise.resolve(),
		toClient: Promise.resolve(),
	};
	#isHalfOpen = false;

	constructor(ends: { near: Socket; far: Socket }, tap: Tap | null, rules: LinkRules) {
		this.#near = ends.near;
		this.#far = ends.far;
		this.#tap = tap;
		this.#rules = rules;
		this.#join('toServer', ends.near, ends.far);
		this.#join('toClient', ends.far, ends.near);
	}

	/** Resolves once both ends are gone. */
	get ended(): Promise<unknown> {
		return Promise.all([this.#near, this.#far].map(hasClosed));
	}

	pause(): void {
		this.#near.pause();
		this.#far.pause();
	}

	resume(): void {
		this.#near.resume();
		this.#far.resume();
	}

	/** Both ends are told that it is over. */
	cut(): void {
		this.#near.destroy();
		this.#far.destroy();
	}

	/** Both ends are told so rudely: what was on its way is lost. */
	reset(): void {
		breakOff(this.#near);
		breakOff(this.#far);
	}

	/** This direction ends in order, the other one goes on. */
	end(direction: Direction): void {
		this.#to(direction).end();
	}

	/** The server's end is gone, and nobody tells the client: what it says goes nowhere. */
	forget(): void {
		this.#isHalfOpen = true;
		breakOff(this.#far);
	}

	#to(direction: Direction): Socket {
		return direction === 'toServer' ? this.#far : this.#near;
	}

	#join(direction: Direction, from: Socket, to: Socket): void {
		from.setNoDelay(true);
		from.on('data', (chunk: Buffer) => this.#take(direction, chunk));
		from.on('end', () => this.#then(direction, () => to.end()));
		from.on('error', () => undefined /* its close tells */);
		from.on('close', () => {
			if (!this.#isHalfOpen) this.#then(direction, () => to.destroy());
		});
	}

	#take(direction: Direction, chunk: Buffer): void {
		if (this.#isHalfOpen) return;
		const bytes = this.#tap ? this.#tap[direction](chunk) : chunk;
		if (bytes.length === 0) return;
		const allowed = this.#rules.allow(direction, bytes.length);
		const to = this.#to(direction);
		this.#then(direction, () => {
			if (to.writable) to.write(bytes.subarray(0, allowed));
			if (allowed < bytes.length) this.reset();
		});
	}

	/** Does something when what is on its way has arrived. */
	#then(direction: Direction, act: () => void): void {
		const delayMs = this.#rules.delayMs(direction);
		const before = this.#way[direction];
		const arrival = delayMs > 0 ? pause(delayMs) : null;
		this.#way[direction] = arrival ? Promise.all([before, arrival]).then(act) : before.then(act);
	}
}

/** A unix socket knows no reset. */
function breakOff(socket: Socket): void {
	if (socket.remotePort === undefined) socket.destroy();
	else socket.resetAndDestroy();
}

function hasClosed(socket: Socket): Promise<void> {
	return new Promise((resolve) => {
		if (socket.closed) resolve();
		else socket.once('close', () => resolve());
	});
}
