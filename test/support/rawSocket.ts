import { once } from 'node:events';
import * as decoding from 'lib0/decoding';
import { WebSocket } from 'ws';
import type { Address, Closed } from './client.ts';

const queryAwareness = Uint8Array.of(3);
const emptyStep1 = Uint8Array.of(0, 0, 1, 0);
const step1 = 0;
const step2 = 1;

/** A connection that sends whatever it is given and answers nothing. */
export class RawSocket implements Disposable {
	closed: Closed | null = null;
	/** The highest count of messages that was acknowledged. */
	acked = 0;
	/** How often it was asked for what it has. */
	asked = 0;
	#answered: (isWelcome: boolean) => void = () => undefined;
	readonly #ws: WebSocket;

	private constructor(ws: WebSocket) {
		this.#ws = ws;
		ws.on('close', (code, reason) => {
			this.closed = { code, reason: reason.toString() };
			this.#answered(false);
		});
		ws.on('error', () => undefined /* its close tells */);
		ws.on('message', (data: Buffer) => this.#take(data));
	}

	static async open({ syncUrl, incident, token }: Address): Promise<RawSocket> {
		const ws = new WebSocket(`${syncUrl}/${incident}?ack=1`, {
			headers: { Authorization: `Bearer ${token}` },
		});
		const socket = new RawSocket(ws);
		await once(ws, 'open');
		return socket;
	}

	send(frame: Uint8Array | string): void {
		this.#ws.send(frame);
	}

	/** Whether the server still answers, once it has judged everything that was sent. */
	async isWelcome(): Promise<boolean> {
		// A question is answered before the edits that arrived with it are looked into.
		return (await this.#isAnswered()) && (await this.#isAnswered());
	}

	async #isAnswered(): Promise<boolean> {
		if (this.closed) return false;
		const { promise, resolve } = Promise.withResolvers<boolean>();
		this.#answered = resolve;
		this.send(queryAwareness);
		this.send(emptyStep1);
		return promise;
	}

	[Symbol.dispose](): void {
		this.#ws.terminate();
	}

	#take(data: Buffer): void {
		if (data[0] === 0 && data[1] === step1) this.asked += 1;
		if (data[0] === 0 && data[1] === step2) this.#answered(true);
		if (data[0] === 100) {
			const decoder = decoding.createDecoder(data);
			decoding.readVarUint(decoder);
			this.acked = decoding.readVarUint(decoder);
		}
	}
}
