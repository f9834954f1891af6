import type { Tap } from './link.ts';

const ack = 100;

/** Reads what a server sends over websockets on a wire, message by message, and lets pass what may. */
export class FrameWatch {
	/** Whether acknowledgements get lost on their way. */
	losesAcks = false;
	#isSilent = false;
	#reached: (() => void) | null = null;

	/** Resolves when the server says the next thing to anybody; nobody hears it, nor anything after it. */
	silenceNext(): Promise<void> {
		const { promise, resolve } = Promise.withResolvers<void>();
		this.#reached = resolve;
		return promise;
	}

	/** New connections pass again; what was held up is lost. */
	goOn(): void {
		this.losesAcks = false;
		this.#isSilent = false;
		this.#reached = null;
	}

	/** What reads along on one connection. */
	tap(): Tap {
		const frames = new Frames();
		return {
			toServer: (chunk) => chunk,
			toClient: (chunk) => Buffer.concat(frames.take(chunk).filter((frame) => this.#passes(frame))),
		};
	}

	#passes({ payload }: Frame): boolean {
		if (payload && this.#reached) {
			this.#isSilent = true;
			this.#reached();
			this.#reached = null;
		}
		if (this.#isSilent) return false;
		return !(this.losesAcks && payload?.[0] === ack);
	}
}

/** A whole frame; the HTTP answer before the first one, and pings and the like, have no payload here. */
interface Frame extends Uint8Array {
	payload?: Uint8Array;
}

/** Cuts a server's stream into websocket frames, which are not masked. */
class Frames {
	#rest = Buffer.alloc(0);
	#isGreeted = false;

	take(chunk: Buffer): Frame[] {
		this.#rest = Buffer.concat([this.#rest, chunk]);
		const frames: Frame[] = [];
		for (let frame = this.#next(); frame; frame = this.#next()) frames.push(frame);
		return frames;
	}

	#next(): Frame | null {
		if (!this.#isGreeted) return this.#greeting();
		const [head = 0, size = 0] = this.#rest;
		const start = size === 127 ? 10 : size === 126 ? 4 : 2;
		if (this.#rest.length < start) return null;
		const length =
			size === 127
				? Number(this.#rest.readBigUInt64BE(2))
				: size === 126
					? this.#rest.readUInt16BE(2)
					: size;
		if (this.#rest.length < start + length) return null;
		const frame: Frame = this.#cut(start + length);
		const isBinary = (head & 0x0f) === 2;
		if (isBinary) frame.payload = frame.subarray(start);
		return frame;
	}

	#greeting(): Frame | null {
		const end = this.#rest.indexOf('\r\n\r\n');
		if (end < 0) return null;
		this.#isGreeted = true;
		return this.#cut(end + 4);
	}

	#cut(length: number): Buffer {
		const bytes = this.#rest.subarray(0, length);
		this.#rest = this.#rest.subarray(length);
		return bytes;
	}
}
