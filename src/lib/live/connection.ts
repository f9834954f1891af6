import * as decoding from 'lib0/decoding';
import { messageYjsSyncStep1, messageYjsSyncStep2, messageYjsUpdate } from 'y-protocols/sync';
import { messageSync, WebsocketProvider } from 'y-websocket';
import type { Awareness } from 'y-protocols/awareness';
import type * as Y from 'yjs';
import { accessHasChanged, protocolVersion } from '#core/protocol.ts';
import { comeBackDelay, reconnectDelay } from './backoff.ts';
import type { Ledger } from './ledger.ts';

/** The server's answer "your first n messages are committed"; ours, beside the stock types 0 to 3. */
const messageAck = 100;
/** The close code for *come back*: a restart, or rights that have changed. */
const comeBack = 1012;
/** The close code for *too large*: once for a large paste, which passes with all the rest; again for good. */
const tooLarge = 1009;

/** The close code for *outdated*: this page and the server are too far apart to speak to each other. */
export const outdated = 4426;

export interface ConnectionParts {
	/** Which document, below `/sync/`. */
	readonly path: string;
	readonly doc: Y.Doc;
	readonly ledger: Ledger;
	/** Something that the indicator shows may have changed. */
	readonly onChange: () => void;
	/** The server sent this page away for good (close code 44xx). */
	readonly onRefused: (close: { code: number; reason: string }) => void;
	/** An attempt ended before the connection was open: the server may have refused it. */
	readonly onNotOpened: () => void;
	/** The server asked this page to come back: perhaps with other rights. */
	readonly onSentBack: () => void;
}

/** The live connection of one document: the stock y-websocket provider, counting what is confirmed. */
export class Connection {
	readonly #parts: ConnectionParts;
	readonly #provider: WebsocketProvider;
	#attempt = 0;
	#tooLargeTimes = 0;
	#isOpen = false;
	#hasSynced = false;
	#downSince: number | null = Date.now();
	#serverVector: Uint8Array | null = null;

	constructor(parts: ConnectionParts) {
		this.#parts = parts;
		const url = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/sync`;
		this.#provider = new WebsocketProvider(url, parts.path, parts.doc, {
			connect: false,
			disableBc: true,
			params: { ack: '1', v: String(protocolVersion) },
			WebSocketPolyfill: countingSocket((kind) => this.#sent(kind)),
		});
		this.#hear();
	}

	get awareness(): Awareness {
		return this.#provider.awareness;
	}

	/** What the editor's caret extension asks for. */
	get provider(): WebsocketProvider {
		return this.#provider;
	}

	/** Since when there is no connection (epoch ms); null while there is one. */
	get downSince(): number | null {
		return this.#downSince;
	}

	/** When the server said something last (epoch ms). */
	get lastHeardAt(): number {
		return this.#provider.wsLastMessageReceived;
	}

	/** Whether this connection has what the server has, and the server what this page has. */
	get isCaughtUp(): boolean {
		return this.#isOpen && this.#provider.synced && this.#parts.ledger.isWhole;
	}

	/** Whether this page ever had all that the server has. */
	get hasSynced(): boolean {
		return this.#hasSynced;
	}

	/** The state vector that the server told last, or null. */
	get serverVector(): Uint8Array | null {
		return this.#serverVector;
	}

	open(): void {
		this.#provider.connect();
	}

	/** Tries now instead of after the wait. */
	retry(): void {
		if (this.#isOpen) return;
		this.#attempt = 0;
		this.#provider.disconnect();
		this.#provider.connect();
	}

	/** Ends the connection and hears no more of the document. */
	[Symbol.dispose](): void {
		this.#provider.destroy();
		this.#provider.awareness.destroy();
	}

	#hear(): void {
		const provider = this.#provider;
		provider.messageHandlers[messageAck] = (_encoder, decoder) => {
			this.#parts.ledger.acked(decoding.readVarUint(decoder));
			if (this.isCaughtUp) this.#tooLargeTimes = 0;
			this.#parts.onChange();
		};
		this.#rememberServerVector();
		provider.on('status', ({ status }) => {
			if (status === 'connecting') return;
			this.#isOpen = status === 'connected';
			if (this.#isOpen) this.#downSince = null;
			if (this.#isOpen) this.#parts.ledger.opened();
			this.#parts.onChange();
		});
		provider.on('sync', (isSynced) => {
			if (isSynced) {
				this.#hasSynced = true;
				this.#attempt = 0;
			}
			this.#parts.onChange();
		});
		provider.on('connection-close', (event) => this.#closed(event));
		provider.on('closed', (close) => this.#parts.onRefused(close));
	}

	/** Emitted before the provider computes its wait, which is capped by the one that we want. */
	#closed(close: { code: number; reason: string } | null): void {
		const code = close?.code ?? null;
		const neverOpened = !this.#isOpen;
		this.#downSince ??= Date.now();
		this.#isOpen = false;
		this.#attempt += 1;
		const isOneOfMany = code === comeBack && close?.reason !== accessHasChanged;
		this.#provider.maxBackoffTime = isOneOfMany
			? comeBackDelay(Math.random())
			: reconnectDelay(this.#attempt, Math.random());
		this.#provider.wsUnsuccessfulReconnects = 16;
		if (neverOpened) this.#parts.onNotOpened();
		if (code === comeBack) this.#parts.onSentBack();
		if (close && code === tooLarge) this.#wasTooLarge(close);
		this.#parts.onChange();
	}

	#wasTooLarge(close: { code: number; reason: string }): void {
		this.#tooLargeTimes += 1;
		if (this.#tooLargeTimes < 2) return;
		this.#provider.shouldConnect = false;
		this.#parts.onRefused(close);
	}

	#sent(kind: 'step2' | 'update'): void {
		this.#parts.ledger.sent(kind);
		this.#parts.onChange();
	}

	/** A file with what the server lacks needs to know what it has. */
	#rememberServerVector(): void {
		const handlers = this.#provider.messageHandlers;
		const readSync = handlers[messageSync];
		handlers[messageSync] = (encoder, decoder, ...rest) => {
			const start = decoder.pos;
			if (decoding.readVarUint(decoder) === messageYjsSyncStep1) {
				this.#serverVector = decoding.readVarUint8Array(decoder).slice();
			}
			decoder.pos = start;
			readSync?.(encoder, decoder, ...rest);
		};
	}
}

/** A WebSocket that tells of each message that carries changes, before it leaves. */
function countingSocket(onSent: (kind: 'step2' | 'update') => void): typeof WebSocket {
	return class extends WebSocket {
		override send(data: Parameters<WebSocket['send']>[0]): void {
			if (data instanceof Uint8Array && data[0] === messageSync) {
				if (data[1] === messageYjsSyncStep2) onSent('step2');
				if (data[1] === messageYjsUpdate) onSent('update');
			}
			super.send(data);
		}
	};
}
