import { createHash } from 'node:crypto';
import * as Y from 'yjs';
import type { DocumentId, PersonId } from '#core/ids.ts';
import { createDocument } from '#core/incident/document.ts';
import { decodeEdits } from '#core/incident/turn.ts';
import type { Checkpoint } from '#server/storage/checkpoints.ts';
import { firstHead } from '#server/storage/chain.ts';
import type { NewTurn, Place } from '#server/storage/documents.ts';
import type { JournalRow } from '#server/storage/history.ts';
import type { LockedJournal } from '#server/sync/journal.ts';
import type { WholeJournal } from './opening.ts';
import type { Host, SimulatedTime } from './time.ts';

interface Turn extends Place {
	readonly nonce: string;
	readonly edits: Uint8Array;
	readonly head: Uint8Array;
}

interface History {
	readonly turns: Turn[];
	readonly clients: Map<number, PersonId>;
	checkpoint: Checkpoint | null;
	isSealed: boolean;
	/** Who holds its lock, and who waits for it. */
	readonly queue: Lock[];
}

/** How likely a request comes to grief, each in [0, 1). */
export interface Trouble {
	/** It is never carried out. */
	readonly broken: number;
	/** It is carried out, but its answer is lost. */
	readonly unclear: number;
	/** It takes up to some seconds. */
	readonly slow: number;
}

/**
 * A store with the promises of PostgreSQL that rooms build on: a commit is whole and for good, turns
 * of a document follow each other, whoever decides holds the lock, a nonce is there once. All else
 * may go wrong: it is away, silent or slow, and answers are lost.
 */
export class SimulatedStore {
	state: 'there' | 'away' | 'silent' = 'there';
	trouble: Trouble = { broken: 0, unclear: 0, slow: 0 };
	readonly #time: SimulatedTime;
	readonly #random: () => number;
	readonly #histories = new Map<DocumentId, History>();

	constructor(time: SimulatedTime, random: () => number) {
		this.#time = time;
		this.#random = random;
	}

	/** Makes a document with its first turn. */
	create(document: DocumentId, first: NewTurn): void {
		const clients = new Map<number, PersonId>();
		const history = { turns: [], clients, checkpoint: null, isSealed: false, queue: [] };
		this.#histories.set(document, history);
		this.#append(document, first);
	}

	/** The document as its journal says. */
	replay(document: DocumentId): Y.Doc {
		const doc = createDocument('follower');
		for (const { edits } of this.#history(document).turns) {
			for (const { bytes } of decodeEdits(edits)) Y.applyUpdate(doc, bytes);
		}
		return doc;
	}

	turnsOf(document: DocumentId): readonly Turn[] {
		return this.#history(document).turns;
	}

	/** Keeps a checkpoint, as the persister does. */
	checkpoint(document: DocumentId): void {
		const history = this.#history(document);
		const doc = this.replay(document);
		const state = Y.encodeStateAsUpdateV2(doc);
		history.checkpoint = { turn: history.turns.length, edits: 0, state };
		doc.destroy();
	}

	/** How a process on this host sees it. */
	journalFor(host: Host): WholeJournal {
		const ask = <T>(carryOut: () => T | Promise<T>) => this.#ask(host, carryOut);
		return {
			placeOf: (document) => ask(() => this.#histories.get(document)?.turns.at(-1) ?? null),
			newestCheckpoint: (document) => ask(() => this.#history(document).checkpoint),
			clientsOf: (document) => ask(() => new Map(this.#history(document).clients)),
			turnsAfter: (document, turn) => this.#turnsAfter(host, document, turn),
			find: (document, nonce) => ask(() => this.#find(document, nonce)),
			turnsOf: (documents) =>
				ask(() => new Map(documents.map((id) => [id, this.#history(id).turns.length]))),
			append: (document, turn, after) =>
				ask(async () => {
					const lock = new Lock();
					await lock.take(this.#history(document).queue);
					try {
						const { turns, isSealed } = this.#history(document);
						if (turns.length !== after || isSealed) return null;
						return this.#append(document, turn);
					} finally {
						lock.release();
					}
				}),
			decide: (document, work) => this.#decide(host, document, work),
		};
	}

	/** Carries out a request of somebody's, and lets the answer reach them, unless trouble is in the way. */
	#ask<T>(host: Host, carryOut: () => T | Promise<T>): Promise<T> {
		const { promise, resolve, reject } = Promise.withResolvers<T>();
		const answer = (tell: () => void) => host.after(this.#latencyMs(), tell);
		const arrive = async (): Promise<void> => {
			if (this.state === 'silent') return void this.#time.after(100, () => void arrive());
			if (this.state === 'away') return void answer(() => reject(lost('ECONNREFUSED')));
			const fate = this.#random();
			const { broken, unclear } = this.trouble;
			if (fate < broken) return void answer(() => reject(lost('ECONNRESET')));
			try {
				const value = await carryOut();
				if (fate < broken + unclear) answer(() => reject(lost('CONNECTION_CLOSED')));
				else answer(() => resolve(value));
			} catch (error) {
				answer(() => reject(error));
			}
		};
		this.#time.after(this.#latencyMs(), () => void arrive());
		return promise;
	}

	async #decide<T>(
		host: Host,
		document: DocumentId,
		work: (locked: LockedJournal) => Promise<T>,
	): Promise<T> {
		const lock = new Lock();
		try {
			await this.#ask(host, () => this.#lockFor(host, document, lock));
			const last = this.#history(document).turns.at(-1);
			const place = { turn: last?.turn ?? 0, at: this.#instant(last) };
			let write = (): void => undefined;
			const value = await work({
				place,
				ownersOf: (clients) => this.#ask(host, () => this.#ownersOf(document, clients)),
				turnsAfter: (turn) => this.#turnsAfter(host, document, turn),
				known: (nonces) =>
					this.#ask(
						host,
						() => new Set(nonces.filter((nonce) => this.#find(document, nonce) !== null)),
					),
				append: (turns, { bindings, isSealed }) =>
					this.#ask(host, () => {
						for (const { nonce } of turns) this.#refuseDouble(document, nonce);
						const { at } = place;
						write = () => {
							this.#history(document).isSealed = isSealed;
							turns.forEach((turn) => this.#append(document, { ...turn, at }, bindings));
						};
						return turns.map((_, i) => ({ turn: place.turn + 1 + i, at }));
					}),
			});
			await this.#ask(host, () => {
				if (!lock.isHeld) throw lost('25P03');
				write();
				lock.release();
			});
			return value;
		} finally {
			// After a rollback, too, what waits for the lock goes on.
			lock.release();
		}
	}

	#ownersOf(document: DocumentId, clients: readonly number[]): [number, PersonId][] {
		const owners = this.#history(document).clients;
		return clients.flatMap((client): [number, PersonId][] => {
			const person = owners.get(client);
			return person ? [[client, person]] : [];
		});
	}

	/** The lock of somebody who is gone, or silent in a transaction, is taken from them after a second. */
	async #lockFor(host: Host, document: DocumentId, lock: Lock): Promise<void> {
		await lock.take(this.#history(document).queue);
		const watch = (): void => {
			if (!lock.isHeld) return;
			if (host.isGone || host.isFrozen) lock.release();
			else this.#time.after(1_000, watch);
		};
		this.#time.after(1_000, watch);
	}

	async *#turnsAfter(host: Host, document: DocumentId, turn: number): AsyncGenerator<JournalRow> {
		const rows = await this.#ask(host, () => this.#history(document).turns.slice(turn));
		for (const row of rows) yield { ...row, edits: decodeEdits(row.edits) };
	}

	#append(
		document: DocumentId,
		turn: NewTurn & { at?: number },
		bindings: ReadonlyMap<number, PersonId> = new Map(),
	): Place {
		this.#refuseDouble(document, turn.nonce);
		const { turns, clients } = this.#history(document);
		const last = turns.at(-1);
		const place = { turn: (last?.turn ?? 0) + 1, at: turn.at ?? this.#instant(last) };
		const head = createHash('sha256')
			.update(last?.head ?? firstHead(document))
			.update(turn.edits)
			.digest();
		turns.push({ ...place, nonce: turn.nonce, edits: turn.edits, head });
		for (const [client, person] of bindings) {
			if (!clients.has(client)) clients.set(client, person);
		}
		return place;
	}

	#refuseDouble(document: DocumentId, nonce: string): void {
		if (this.#find(document, nonce)) throw lost('23505');
	}

	#find(document: DocumentId, nonce: string): Place | null {
		return this.#history(document).turns.find((turn) => turn.nonce === nonce) ?? null;
	}

	/** Microseconds, never before the turn before. */
	#instant(last: Place | undefined): number {
		return Math.max(last?.at ?? 0, Math.floor(this.#time.now * 1_000));
	}

	#latencyMs(): number {
		const { slow } = this.trouble;
		return this.#random() < slow ? this.#random() * 4_000 : 0.2 + this.#random();
	}

	#history(document: DocumentId): History {
		const history = this.#histories.get(document);
		if (!history) throw new Error('There is no such document.');
		return history;
	}
}

/** Who holds a document's lock comes first, then those who wait for it. */
class Lock {
	isHeld = false;
	#queue: Lock[] = [];
	#got: () => void = () => undefined;

	async take(queue: Lock[]): Promise<void> {
		this.#queue = queue;
		queue.push(this);
		if (queue[0] !== this) await new Promise<void>((resolve) => (this.#got = resolve));
		this.isHeld = true;
	}

	release(): void {
		if (!this.#queue.includes(this)) return;
		this.isHeld = false;
		this.#queue.splice(this.#queue.indexOf(this), 1);
		const [next] = this.#queue;
		if (next) next.#got();
	}
}

function lost(code: string): Error {
	return Object.assign(new Error(code), { code });
}
