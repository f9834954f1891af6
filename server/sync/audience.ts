import { limits } from '#server/limits.ts';
import { heartbeatFrame, type CaretBatch } from './carets/caretFrames.ts';
import { Carets } from './carets/carets.ts';
import type { Clock } from './clock.ts';
import type { HotDocument } from './hot.ts';
import type { Frame } from './peers/frames.ts';
import type { Peer } from './peers/peer.ts';

/** Why nothing is read from a room's sockets for a while. */
type Hold = 'unsaved' | 'incoming';

/** Who is in a room: their sockets, their carets, and what is said to all of them. */
export class Audience {
	readonly #peers = new Map<string, Peer>();
	readonly #carets: Carets;
	readonly #endHeartbeat: () => void;
	readonly #endBeat: () => void;
	readonly #holds = new Set<Hold>();

	/** `tell` tells the other nodes where the carets are. */
	constructor(clock: Clock, tell: (carets: Uint8Array) => void) {
		const show = (batch: CaretBatch): void => {
			for (const peer of this.peers) {
				const frame = batch.frameFor(peer.caretClient);
				if (frame) peer.send(frame);
			}
		};
		this.#carets = new Carets(clock, { show, tell });
		this.#endBeat = clock.every(limits.presenceBeatMs, () => this.#carets.beat());
		this.#endHeartbeat = clock.every(limits.heartbeatMs, () => {
			this.broadcast(heartbeatFrame);
			this.#carets.renew();
		});
	}

	get peers(): Iterable<Peer> {
		return this.#peers.values();
	}

	get size(): number {
		return this.#peers.size;
	}

	has(peer: Peer): boolean {
		return this.#peers.get(peer.info.conn) === peer;
	}

	/** A peer comes in; from now on it is read from, unless the room is full of what waits. */
	enter(peer: Peer): void {
		this.#peers.set(peer.info.conn, peer);
		peer.pause(this.#holds.size > 0);
	}

	/** The peer is gone, and its caret with it. */
	leave(peer: Peer): void {
		if (this.has(peer)) this.#peers.delete(peer.info.conn);
		this.#carets.leave(peer);
	}

	/** Says something to everybody, but for the one who said it. */
	broadcast(frame: Frame, exceptConn: string | null = null): void {
		for (const [conn, peer] of this.#peers) if (conn !== exceptConn) peer.send(frame);
	}

	/** Takes a peer's caret, which the others are shown soon. Throws `Malformed`, or a `Refusal`. */
	moveCaret(peer: Peer, bytes: Uint8Array, hot: HotDocument): void {
		this.#carets.take(peer, bytes, hot);
	}

	/** Shows where the people of another node are. Throws `Malformed`. */
	hearCarets(carets: Uint8Array, hot: HotDocument): void {
		this.#carets.hearFar(carets, hot);
	}

	/** Shows a peer where the others are. */
	showCarets(peer: Peer): void {
		const carets = this.#carets.all(peer);
		if (carets) peer.send(carets);
	}

	/** Stops reading from everybody, or goes on once there is no reason left. */
	holdBack(isFull: boolean, reason: Hold = 'unsaved'): void {
		if (this.#holds.has(reason) === isFull) return;
		if (isFull) this.#holds.add(reason);
		else this.#holds.delete(reason);
		for (const peer of this.peers) peer.pause(this.#holds.size > 0);
	}

	/** Everybody is sent away, with a code of the websocket protocol and a reason in words. */
	dismiss(code: number, reason: string): void {
		this.#endHeartbeat();
		this.#endBeat();
		this.#carets.end();
		for (const peer of this.peers) peer.close(code, reason);
	}
}
