import { limits } from '#server/limits.ts';
import { Carets, heartbeatFrame } from './carets.ts';
import type { Clock } from './clock.ts';
import type { Frame } from './frames.ts';
import type { HotDocument } from './hot.ts';
import type { Peer } from './peer.ts';

/** Who is in a room: their sockets, their carets, and what is said to all of them. */
export class Audience {
	readonly #peers = new Map<string, Peer>();
	readonly #carets = new Carets();
	readonly #endHeartbeat: () => void;

	constructor(clock: Clock) {
		const beat = () => this.broadcast(heartbeatFrame);
		this.#endHeartbeat = clock.every(limits.heartbeatMs, beat);
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

	enter(peer: Peer): void {
		this.#peers.set(peer.info.conn, peer);
	}

	/** The peer is gone, and its caret with it. */
	leave(peer: Peer): void {
		if (this.has(peer)) this.#peers.delete(peer.info.conn);
		const gone = this.#carets.leave(peer);
		if (gone) this.broadcast(gone);
	}

	/** Says something to everybody, but for the one who said it. */
	broadcast(frame: Frame, exceptConn: string | null = null): void {
		for (const [conn, peer] of this.#peers) if (conn !== exceptConn) peer.send(frame);
	}

	/** Takes a peer's caret and shows it to the others. Throws `Malformed`. */
	moveCaret(peer: Peer, bytes: Uint8Array, hot: HotDocument): void {
		const frame = this.#carets.take(peer, bytes, hot);
		if (frame) this.broadcast(frame, peer.info.conn);
	}

	/** Shows a peer where the others are. */
	showCarets(peer: Peer): void {
		const carets = this.#carets.all(peer);
		if (carets) peer.send(carets);
	}

	/** Stops reading from everybody, or goes on. */
	holdBack(isFull: boolean): void {
		for (const peer of this.peers) peer.pause(isFull);
	}

	/** Everybody is sent away, with a code of the websocket protocol and a reason in words. */
	dismiss(code: number, reason: string): void {
		this.#endHeartbeat();
		for (const peer of this.peers) peer.close(code, reason);
	}
}
