import { Refusal } from '#core/refusal.ts';
import type { Person } from '#core/response/access.ts';
import { closeCodes } from '#server/http/closeCodes.ts';
import { limits } from '#server/limits.ts';
import { ackFrame, type Frame } from './frames.ts';
import type { Meter } from './rates.ts';
import type { Unread } from './unread.ts';
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

/** What a peer is held to. */
export interface PeerParts {
	readonly meter: Meter;
	readonly unread: Unread;
	/** Hears why it was sent away. */
	readonly refused: (refusal: Refusal, peer: Peer) => void;
	/** Monotonic or epoch ms. */
	readonly now: () => number;
}

/** One socket in a room: counts what it sent, and tells it what is committed. */
export class Peer {
	readonly info: PeerInfo;
	readonly meter: Meter;
	/** Update-carrying messages received so far. */
	received = 0;
	/** Once refused, nothing more of it is read. */
	isRefused = false;
	/** The client id of its caret. */
	caretClient: number | null = null;
	/** When it was last asked for missing parts, when it will be, and when it last brought some (epoch ms). */
	askedAt = 0;
	askDueAt: number | null = null;
	broughtAt = 0;
	readonly #wire: Wire;
	readonly #parts: PeerParts;
	#settled = 0;
	/** Messages that wait for missing parts, in order. */
	#held: { readonly n: number; readonly since: number }[] = [];
	#acked = 0;
	/** Bytes of answers that it asked for and that may still wait: they do not count as slowness. */
	#answerBytes = 0;
	/** Since when nothing is read from it; a wire begins paused. */
	#pausedAt: number | null;

	constructor(wire: Wire, info: PeerInfo, parts: PeerParts) {
		this.#wire = wire;
		this.#parts = parts;
		this.info = info;
		this.meter = parts.meter;
		this.#pausedAt = parts.now();
	}

	/** Bytes that it has not taken yet. */
	get waitingBytes(): number {
		return this.#wire.isOpen ? this.#wire.waitingBytes : 0;
	}

	send(frame: Frame): void {
		if (!this.#wire.isOpen) return;
		const waiting = this.#wire.waitingBytes;
		if (waiting <= limits.waitingBytes) this.#answerBytes = 0;
		if (waiting > limits.waitingBytes + this.#answerBytes) {
			this.refuse(new Refusal('tooMany', 'This connection reads too slowly.', 'slow'));
			return;
		}
		this.#wire.send(frame);
	}

	/** Sends what it asked for, which may be more than may wait otherwise. */
	answer(frame: Frame): void {
		this.#parts.unread.add(frame, this);
		this.send(frame);
		this.#answerBytes = frame.length;
	}

	/** Since when parts are missing (epoch ms), or null. */
	get incompleteSince(): number | null {
		return this.#held[0]?.since ?? null;
	}

	/** Its messages up to the n-th are committed or changed nothing; a whole step 2 fills every hole before it. */
	settle(n: number, isWholeStep2: boolean): void {
		this.#settled = Math.max(this.#settled, n);
		if (isWholeStep2) this.#held = this.#held.filter((held) => held.n > n);
	}

	/** Its n-th message waits for something that is missing here. */
	hold(n: number, now: number): void {
		this.#held.push({ n, since: now });
	}

	/** Tells the client how far it is saved, if it asked for that and something is new. */
	acknowledge(): void {
		const count = Math.min(this.#settled, (this.#held[0]?.n ?? Infinity) - 1);
		if (count <= this.#acked || !this.info.wantsAck) return;
		this.#acked = count;
		this.send(ackFrame(count));
	}

	/** Sends the client away with the reason in words. */
	refuse(refusal: Refusal): void {
		if (this.isRefused) return;
		this.isRefused = true;
		this.#parts.refused(refusal, this);
		this.close(closeCodes[refusal.code], refusal.message);
	}

	close(code: number, reason: string): void {
		this.#wire.close(code, reason);
	}

	/** Stops or goes on reading from the socket. */
	pause(isPaused: boolean): void {
		if (this.isRefused || isPaused === (this.#pausedAt !== null)) return;
		if (this.#pausedAt !== null) this.meter.excuse(this.#parts.now() - this.#pausedAt);
		this.#pausedAt = isPaused ? this.#parts.now() : null;
		this.#wire.pause(isPaused);
	}
}
