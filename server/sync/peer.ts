import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { Refusal } from '#core/refusal.ts';
import type { Person } from '#core/response/access.ts';
import { closeCodes } from '#server/http/closeCodes.ts';
import { limits } from '#server/limits.ts';
import { ackFrame, type Frame } from './frames.ts';

/** Who is at the other end of a socket, and what it may do. */
export interface PeerInfo {
	readonly person: Person;
	/** The session that it signed in with, null for a token. */
	readonly session: string | null;
	readonly mayWrite: boolean;
	readonly wantsAck: boolean;
	/** Names the connection. */
	readonly conn: string;
}

/** A websocket, and the socket below it. */
export interface Wire {
	readonly ws: WebSocket;
	readonly socket: Duplex;
}

/** One socket in a room: counts what it sent, and tells it what is committed. */
export class Peer {
	readonly info: PeerInfo;
	/** Update-carrying messages received so far. */
	received = 0;
	/** Once refused, nothing more of it is read. */
	isRefused = false;
	/** The client id of its caret. */
	caretClient: number | null = null;
	/** When it was last asked for missing parts, and since when parts are missing (epoch ms). */
	askedAt = 0;
	incompleteSince: number | null = null;
	#settled = 0;
	#held: number | null = null;
	#acked = 0;
	readonly #ws: WebSocket;
	readonly #socket: Duplex;

	constructor({ ws, socket }: Wire, info: PeerInfo) {
		this.#ws = ws;
		this.#socket = socket;
		this.info = info;
	}

	/** Writes below `ws`, as it would itself: nothing is compressed, so it holds nothing back. */
	send(frame: Frame): void {
		if (this.#ws.readyState !== this.#ws.OPEN) return;
		if (this.#socket.writableLength > limits.waitingBytes) {
			this.refuse(new Refusal('tooMany', 'This connection reads too slowly.'));
			return;
		}
		this.#socket.write(frame);
	}

	/** Its messages up to the n-th are committed or changed nothing; a whole step 2 fills every hole. */
	settle(n: number, isWholeStep2: boolean): void {
		this.#settled = Math.max(this.#settled, n);
		if (isWholeStep2) {
			this.#held = null;
			this.incompleteSince = null;
		}
	}

	/** Its n-th message waits for something that is missing here. */
	hold(n: number, now: number): void {
		this.#held ??= n;
		this.incompleteSince ??= now;
	}

	/** Tells the client how far it is saved, if it asked for that and something is new. */
	acknowledge(): void {
		const count = Math.min(this.#settled, (this.#held ?? Infinity) - 1);
		if (count <= this.#acked || !this.info.wantsAck) return;
		this.#acked = count;
		this.send(ackFrame(count));
	}

	/** Sends the client away with the reason in words. */
	refuse(refusal: Refusal): void {
		if (this.isRefused) return;
		this.isRefused = true;
		this.close(closeCodes[refusal.code], refusal.message);
	}

	close(code: number, reason: string): void {
		const most = 123; // bytes, RFC 6455 §5.5
		this.#ws.close(code, reason.slice(0, most));
		this.#ws.resume();
	}

	/** Stops or goes on reading from the socket. */
	pause(isPaused: boolean): void {
		if (isPaused) this.#ws.pause();
		else this.#ws.resume();
	}
}
