import type { Writable } from 'node:stream';
import { limits } from '#server/limits.ts';
import type { Frame } from './frames.ts';

/** What a waiting frame costs beside its bytes, which it shares with the other readers. */
const frameBytes = 32;

/**
 * What is on its way into a socket. A stream keeps an object for each piece that it is given, so the
 * frames for a slow reader wait here, shared, and go on in few and large pieces.
 */
export class Outbox {
	readonly #socket: Writable;
	#frames: Frame[] = [];
	#bytes = 0;
	#isOver = false;

	constructor(socket: Writable) {
		this.#socket = socket;
		socket.on('drain', () => this.#goOn());
	}

	/** Bytes that the operating system has not taken yet. */
	get waitingBytes(): number {
		return this.#socket.writableLength + this.#bytes;
	}

	send(frame: Frame): void {
		if (this.#isOver) return;
		if (this.#frames.length === 0 && !this.#socket.writableNeedDrain) {
			this.#socket.write(frame);
			return;
		}
		this.#frames.push(frame);
		this.#bytes += frame.length + frameBytes;
	}

	/** Nothing is sent any more; what waits is forgotten. */
	end(): void {
		this.#isOver = true;
		this.#frames = [];
		this.#bytes = 0;
	}

	#goOn(): void {
		while (this.#frames.length > 0 && !this.#socket.writableNeedDrain) {
			const piece: Frame[] = [];
			let size = 0;
			for (const frame of this.#frames) {
				if (piece.length > 0 && size + frame.length > limits.writeBytes) break;
				piece.push(frame);
				size += frame.length;
			}
			this.#frames.splice(0, piece.length);
			this.#bytes -= size + piece.length * frameBytes;
			this.#socket.write(piece.length === 1 ? (piece[0] ?? Buffer.alloc(0)) : Buffer.concat(piece));
		}
	}
}
