import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { limits } from '#server/limits.ts';
import type { Frame } from './frames.ts';
import { Outbox } from './outbox.ts';

/** A connection to somebody's client: a websocket, or a simulation's. */
export interface Wire {
	readonly isOpen: boolean;
	/** Bytes that the other end has not taken yet. */
	readonly waitingBytes: number;
	send(frame: Frame): void;
	/** Says farewell, with a code of the websocket protocol and a reason in words. */
	close(code: number, reason: string): void;
	/** Stops or goes on reading. */
	pause(isPaused: boolean): void;
	/** `bytes` is null for a message that is text. */
	onMessage(take: (bytes: Uint8Array | null) => void): void;
	onClose(gone: () => void): void;
}

/** A websocket with the socket below it; it begins paused, and ends when the other end is dead. */
export function webSocketWire(ws: WebSocket, socket: Socket, pingMs: number = limits.pingMs): Wire {
	// ws ends the connection by itself and says why (too large: 1009); whoever does not listen is cut.
	ws.on('error', () => setTimeout(() => ws.terminate(), limits.farewellMs).unref());
	ws.pause();
	const outbox = new Outbox(socket);
	const wire: Wire = {
		get isOpen() {
			return ws.readyState === ws.OPEN;
		},
		get waitingBytes() {
			return outbox.waitingBytes;
		},
		/** Writes below `ws`, as it would itself: nothing is compressed, so it holds nothing back. */
		send: (frame) => outbox.send(frame),
		close(code, reason) {
			const most = 123; // bytes, RFC 6455 §5.5
			outbox.end();
			ws.close(
				code,
				Buffer.from(reason)
					.subarray(0, most)
					.toString()
					.replace(/\uFFFD$/, ''),
			);
			ws.resume();
		},
		pause(isPaused) {
			if (isPaused) ws.pause();
			else ws.resume();
		},
		onMessage: (take) =>
			void ws.on('message', (data: Buffer, isBinary: boolean) => take(isBinary ? data : null)),
		onClose: (gone) => void ws.on('close', gone),
	};
	endWhenDead(ws, socket, pingMs);
	return wire;
}

/** A network that is dead says nothing: whoever neither sends nor takes anything for two pings is gone. */
function endWhenDead(ws: WebSocket, socket: Socket, pingMs: number): void {
	let missed = 0;
	let before = { read: -1, taken: -1 };
	const look = (): void => {
		const read = socket.bytesRead;
		const taken = socket.bytesWritten - socket.writableLength;
		// What the operating system takes from us may wait in it: only a full one that takes more tells.
		const takesMore = socket.writableLength > 0 && taken !== before.taken;
		const isAlive = ws.isPaused || read !== before.read || takesMore;
		before = { read, taken };
		missed = isAlive ? 0 : missed + 1;
		if (missed >= limits.pingsMissed) ws.terminate();
		else if (ws.readyState === ws.OPEN) ws.ping();
	};
	const timer = setInterval(look, pingMs);
	ws.on('close', () => clearInterval(timer));
}
