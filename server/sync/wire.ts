import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { limits } from '#server/limits.ts';
import type { Frame } from './frames.ts';

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

/** A websocket with the socket below it; it begins paused. */
export function webSocketWire(ws: WebSocket, socket: Duplex): Wire {
	// ws ends the connection by itself and says why (too large: 1009); whoever does not listen is cut.
	ws.on('error', () => setTimeout(() => ws.terminate(), limits.farewellMs).unref());
	ws.pause();
	return {
		get isOpen() {
			return ws.readyState === ws.OPEN;
		},
		get waitingBytes() {
			return socket.writableLength;
		},
		/** Writes below `ws`, as it would itself: nothing is compressed, so it holds nothing back. */
		send: (frame) => void socket.write(frame),
		close(code, reason) {
			const most = 123; // bytes, RFC 6455 §5.5
			ws.close(code, reason.slice(0, most));
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
}
