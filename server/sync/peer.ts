import { Refusal } from '#core/refusal.ts';
import type { Person } from '#core/response/access.ts';
import { closeCodes } from '#server/http/closeCodes.ts';
import { limits } from '#server/limits.ts';
import { ackFrame, type Frame } from './frames.ts';
import type { Wire } from './wire.ts';

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
	readonly #wire: Wire;

	constructor(wire: Wire, info: PeerInfo) {
		this.#wire = wire;
		this.info = info;
	}

	send(frame: Frame): void {
		if (!this.#wire.isOpen) return;
		if (this.#wire.waitingBytes > limits.waitingBytes) {
			this.refuse(new Refusal('tooMany', 'This connection reads too slowly.'));
			return;
		}
		this.#wire.send(frame);
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
		this.#wire.close(code, reason);
	}

	/** Stops or goes on reading from the socket. */
	pause(isPaused: boolean): void {
		this.#wire.pause(isPaused);
	}
}
