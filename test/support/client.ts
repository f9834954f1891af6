import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { WebSocket } from 'ws';
import * as sync from 'y-protocols/sync';
import * as Y from 'yjs';
import { createDocument } from '#core/incident/document.ts';
import { until } from './until.ts';

const inOrder: Disorder = { random: () => 1, twice: 0, late: 0 };

const messageTypes = { sync: 0, awareness: 1, ack: 100 } as const;

/** How a connection ended: a close code, or the HTTP status that refused it. */
export interface Closed {
	readonly code: number;
	readonly reason: string;
}

/** Where a peer connects to, and as whom. */
export interface Address {
	/** `ws://…/sync` */
	readonly syncUrl: string;
	readonly incident: string;
	readonly token: string;
}

/** A connection as a peer has it. */
export interface Line {
	readonly isOpen: boolean;
	send(bytes: Uint8Array | string): void;
	/** Stops or goes on reading. */
	pause(isPaused: boolean): void;
	/** Cuts it, as a network does. */
	cut(): void;
}

/** What a peer hears of its connection. */
export interface LineEvents {
	opened(): void;
	took(bytes: Uint8Array): void;
	/** For good; nothing is heard of it any more. */
	ended(closed: Closed): void;
}

/** Begins a connection. */
export type Dial = (events: LineEvents) => Line;

export type PeerOptions = (Address | { readonly dial: Dial }) & {
	/** A document that it brings along; else a fresh one. */
	readonly doc?: Y.Doc;
	/** Without it every message is sent once and in order. */
	readonly disorder?: Disorder;
};

/** A change that was made here and that the server has not confirmed; `n` is the message that carries it. */
interface Unconfirmed {
	readonly label: string;
	readonly update: Uint8Array;
	n: number | null;
}

/** How a peer's messages go astray: each with a chance in [0, 1). */
export interface Disorder {
	readonly random: () => number;
	/** A message is sent twice. */
	readonly twice: number;
	/** A message is sent after the next one. */
	readonly late: number;
}

/**
 * A y-websocket client that speaks the protocol by hand, counts what is acknowledged and reconnects
 * only when it is told to. Its edits have labels, so that a test can say which of them are safe.
 */
export class SyncPeer implements Disposable {
	readonly doc: Y.Doc;
	/** Labels of the edits that the server has acknowledged, over all connections. */
	readonly acked = new Set<string>();
	/** The updates that were acknowledged, and those that the server has shown. */
	readonly ackedUpdates: Uint8Array[] = [];
	readonly shownUpdates: Uint8Array[] = [];
	/** How the last connection ended; null while it is open. */
	closed: Closed | null = null;
	/** Whether this connection's first question is answered. */
	isSynced = false;
	readonly #options: PeerOptions;
	#line: Line | null = null;
	#unconfirmed: Unconfirmed[] = [];
	#label = '';
	#sent = 0;
	#acknowledged = 0;
	#firstStep2: number | null = null;
	/** An edit that is sent after the next one. */
	#late: Unconfirmed | null = null;

	constructor(options: PeerOptions) {
		this.#options = options;
		this.doc = options.doc ?? createDocument('editing');
		this.doc.on('update', (update: Uint8Array, origin: unknown) => {
			if (origin !== 'server') this.#made(update);
		});
	}

	get isOpen(): boolean {
		return this.#line?.isOpen ?? false;
	}

	/** Whether everything that was made here is confirmed, as `Saved` on screen means it. */
	get isSaved(): boolean {
		const isWhole = this.#firstStep2 !== null && this.#acknowledged >= this.#firstStep2;
		return this.isOpen && isWhole && this.#acknowledged === this.#sent;
	}

	/** Connects and waits until it has what the server has; throws if it is refused. */
	async connect(): Promise<void> {
		this.open();
		await until('the peer is synced', () => {
			if (this.closed) throw new Error(`Refused: ${this.closed.code} ${this.closed.reason}`);
			return this.isSynced;
		});
	}

	/** Begins to connect. */
	open(): void {
		const options = this.#options;
		const dial = 'dial' in options ? options.dial : webSocketTo(options);
		this.closed = null;
		this.#restartCount();
		const line: Line = dial({
			opened: () => this.send(encode(messageTypes.sync, (e) => sync.writeSyncStep1(e, this.doc))),
			took: (bytes) => this.#take(bytes),
			ended: (closed) => {
				if (this.#line !== line) return;
				this.closed ??= closed;
				this.#restartCount();
			},
		});
		this.#line = line;
	}

	#restartCount(): void {
		this.isSynced = false;
		this.#sent = 0;
		this.#acknowledged = 0;
		this.#firstStep2 = null;
		this.#late = null;
		for (const edit of this.#unconfirmed) edit.n = null;
	}

	/** Makes a change under a label. It is sent at once, or with the next step 2 when there is no connection. */
	edit(label: string, change: (doc: Y.Doc) => void): void {
		this.#label = label;
		this.doc.transact(() => change(this.doc), 'here');
	}

	/** Sends bytes as they are. */
	send(bytes: Uint8Array | string): void {
		this.#line?.send(bytes);
	}

	/** Sends an update that is not this document's, uncounted in labels. */
	sendUpdate(update: Uint8Array, kind: 'update' | 'step2' = 'update'): void {
		this.#sent += 1;
		this.send(syncFrame(kind, update));
	}

	/** Stops or goes on reading. */
	pause(isPaused: boolean): void {
		this.#line?.pause(isPaused);
	}

	/** Cuts the connection, as a network does, and waits until that is noticed here. */
	async cut(): Promise<void> {
		this.drop();
		if (this.#line) await this.ended();
	}

	drop(): void {
		this.#line?.cut();
	}

	/** Waits until everything made here is confirmed. */
	async saved(withinMs?: number): Promise<void> {
		this.#sendLate();
		await until('everything is saved', () => this.isSaved, withinMs);
	}

	/** Waits for the connection to end and tells how. */
	async ended(): Promise<Closed> {
		await until('the connection ends', () => this.closed !== null);
		return this.closed ?? { code: 0, reason: '' };
	}

	[Symbol.dispose](): void {
		this.#line?.cut();
		this.doc.destroy();
	}

	#made(update: Uint8Array): void {
		const edit: Unconfirmed = { label: this.#label, update, n: null };
		this.#unconfirmed.push(edit);
		if (!this.isOpen) return;
		const { random, twice, late } = this.#options.disorder ?? inOrder;
		if (!this.#late && random() < late) {
			this.#late = edit;
			return;
		}
		this.#sendEdit(edit);
		if (random() < twice) this.sendUpdate(update);
		this.#sendLate();
	}

	#sendEdit(edit: Unconfirmed): void {
		this.sendUpdate(edit.update);
		edit.n ??= this.#sent;
	}

	#sendLate(): void {
		const edit = this.#late;
		this.#late = null;
		if (edit) this.#sendEdit(edit);
	}

	#take(data: Uint8Array): void {
		const decoder = decoding.createDecoder(data);
		const type = decoding.readVarUint(decoder);
		if (type === messageTypes.sync) this.#takeSync(decoder);
		if (type === messageTypes.ack) this.#takeAck(decoding.readVarUint(decoder));
	}

	#takeSync(decoder: decoding.Decoder): void {
		const type = decoding.readVarUint(decoder);
		const bytes = decoding.readVarUint8Array(decoder);
		if (type === sync.messageYjsSyncStep1) {
			this.sendUpdate(Y.encodeStateAsUpdate(this.doc, bytes), 'step2');
			this.#firstStep2 ??= this.#sent;
			for (const edit of this.#unconfirmed) edit.n ??= this.#sent;
			return;
		}
		this.shownUpdates.push(bytes);
		Y.applyUpdate(this.doc, bytes, 'server');
		if (type === sync.messageYjsSyncStep2) this.isSynced = true;
	}

	#takeAck(count: number): void {
		if (count > this.#sent) throw new Error(`Acknowledged ${count} of ${this.#sent} messages.`);
		this.#acknowledged = count;
		const isConfirmed = ({ n }: Unconfirmed) => n !== null && n <= count;
		for (const { label, update } of this.#unconfirmed.filter(isConfirmed)) {
			this.acked.add(label);
			this.ackedUpdates.push(update);
		}
		this.#unconfirmed = this.#unconfirmed.filter((edit) => !isConfirmed(edit));
	}
}

function webSocketTo({ syncUrl, incident, token }: Address): Dial {
	return (events) => {
		const ws = new WebSocket(`${syncUrl}/${incident}?ack=1`, {
			headers: { Authorization: `Bearer ${token}` },
		});
		/** Why it ended, if that was heard before its close. */
		let reason: Closed | null = null;
		ws.on('open', () => events.opened());
		ws.on('message', (data: Buffer) => events.took(data));
		ws.on('unexpected-response', (_request, response) => {
			events.ended({ code: response.statusCode ?? 0, reason: response.statusMessage ?? '' });
			response.destroy();
		});
		ws.on('error', (error) => (reason ??= { code: 0, reason: error.message }));
		ws.on('close', (code, words) => events.ended(reason ?? { code, reason: words.toString() }));
		return {
			get isOpen() {
				return ws.readyState === WebSocket.OPEN;
			},
			send: (bytes) => ws.send(bytes),
			pause: (isPaused) => (isPaused ? ws.pause() : ws.resume()),
			cut: () => ws.terminate(),
		};
	};
}

/** A sync message around an update. */
export function syncFrame(kind: 'update' | 'step2', update: Uint8Array): Uint8Array {
	return encode(messageTypes.sync, (encoder) => {
		const { messageYjsUpdate, messageYjsSyncStep2 } = sync;
		encoding.writeVarUint(encoder, kind === 'update' ? messageYjsUpdate : messageYjsSyncStep2);
		encoding.writeVarUint8Array(encoder, update);
	});
}

function encode(type: number, write: (encoder: encoding.Encoder) => void): Uint8Array {
	return encoding.encode((encoder) => {
		encoding.writeVarUint(encoder, type);
		write(encoder);
	});
}
