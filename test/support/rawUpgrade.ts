import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Muster } from './server.ts';
import { until } from './until.ts';

/** A websocket frame as it stands on the wire (RFC 6455 §5.2), right or wrong. */
export interface FrameParts {
	readonly opcode: number;
	readonly isFinal?: boolean;
	/** The three reserved bits. */
	readonly reserved?: number;
	readonly isMasked?: boolean;
	readonly payload?: Uint8Array | string;
	/** What is said of the payload's length, in so many bytes; true and short unless given. */
	readonly length?: { readonly bytes: 1 | 2 | 8; readonly value: bigint };
}

const mask = [1, 2, 3, 4] as const;

export function frameOf(parts: FrameParts): Buffer {
	const { opcode, isFinal = true, reserved = 0, isMasked = true } = parts;
	const payload = Buffer.from(parts.payload ?? '');
	const { bytes, value } = parts.length ?? lengthOf(payload.length);
	const size = Buffer.alloc(9);
	size.writeBigUInt64BE(value, 1);
	const first = (isFinal ? 0x80 : 0) | (reserved << 4) | opcode;
	const seven = bytes === 1 ? Number(value) : bytes === 2 ? 126 : 127;
	return Buffer.concat([
		Uint8Array.of(first, (isMasked ? 0x80 : 0) | seven),
		bytes === 1 ? Buffer.alloc(0) : size.subarray(9 - bytes),
		Uint8Array.from(isMasked ? mask : []),
		isMasked ? payload.map((byte, i) => byte ^ (mask[i % 4] ?? 0)) : payload,
	]);
}

function lengthOf(length: number): { bytes: 1 | 2 | 8; value: bigint } {
	return { bytes: length < 126 ? 1 : length < 2 ** 16 ? 2 : 8, value: BigInt(length) };
}

/** A websocket that was opened by hand: bytes go in and out as they are. */
export class RawUpgrade implements Disposable {
	readonly socket: Socket;
	/** The code with which the server said farewell. */
	code: number | null = null;
	hasEnded = false;
	/** How many frames the server has sent. */
	heard = 0;
	#rest = Buffer.alloc(0);
	#isOpen = false;

	private constructor(socket: Socket) {
		this.socket = socket;
		socket.on('data', (data) => this.#take(data));
		socket.on('error', () => undefined /* its close tells */);
		socket.on('close', () => (this.hasEnded = true));
	}

	/** Resolves once the server has said something over it. */
	static async open(
		{ url }: Pick<Muster, 'url'>,
		path: string,
		token: string,
	): Promise<RawUpgrade> {
		const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port), noDelay: true });
		const upgrade = new RawUpgrade(socket);
		await once(socket, 'connect');
		socket.write(
			`GET ${path} HTTP/1.1\r\nHost: muster\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
				'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n' +
				`Authorization: Bearer ${token}\r\n\r\n`,
		);
		await until('the websocket is open', () => upgrade.heard > 0);
		return upgrade;
	}

	send(...frames: readonly FrameParts[]): void {
		this.socket.write(Buffer.concat(frames.map(frameOf)));
	}

	async ended(withinMs?: number): Promise<void> {
		await until('the connection ends', () => this.hasEnded, withinMs);
	}

	[Symbol.dispose](): void {
		this.socket.destroy();
	}

	#take(data: Buffer): void {
		this.#rest = Buffer.concat([this.#rest, data]);
		if (!this.#isOpen) {
			const end = this.#rest.indexOf('\r\n\r\n');
			if (end < 0) return;
			if (!this.#rest.toString('latin1').startsWith('HTTP/1.1 101')) return;
			this.#isOpen = true;
			this.#rest = this.#rest.subarray(end + 4);
		}
		while (this.#takeFrame());
	}

	#takeFrame(): boolean {
		const [first = 0, size = 0] = this.#rest;
		const header = size < 126 ? 2 : size === 126 ? 4 : 10;
		if (this.#rest.length < header) return false;
		const length =
			size < 126
				? size
				: size === 126
					? this.#rest.readUInt16BE(2)
					: Number(this.#rest.readBigUInt64BE(2));
		if (this.#rest.length < header + length) return false;
		if ((first & 0x0f) === 8 && length >= 2) this.code ??= this.#rest.readUInt16BE(header);
		this.#rest = this.#rest.subarray(header + length);
		this.heard += 1;
		return true;
	}
}
