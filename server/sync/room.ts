import { randomUUID } from 'node:crypto';
import { setImmediate as nextRound, setTimeout as pause } from 'node:timers/promises';
import * as Y from 'yjs';
import type { DocumentId, EntryId, PersonId } from '#core/ids.ts';
import { loggedFact } from '#core/incident/decide.ts';
import type { Fact } from '#core/incident/record.ts';
import type { Edit } from '#core/incident/turn.ts';
import { Refusal } from '#core/refusal.ts';
import { restartCode } from '#server/http/closeCodes.ts';
import { limits } from '#server/limits.ts';
import type { Logger } from '#server/log.ts';
import { bindClients, readOwners } from '#server/storage/clients.ts';
import type { Database } from '#server/storage/database.ts';
import {
	appendTurn,
	findTurn,
	lockDocument,
	readTurns,
	type Place,
} from '#server/storage/documents.ts';
import type { ISql, TransactionSql } from 'postgres';
import { Ask, decideWish } from './asks.ts';
import { newBacklogFile } from './backlog.ts';
import { Carets, heartbeatFrame } from './carets.ts';
import { Draft, type Incoming } from './draft.ts';
import { newClientId } from './facts.ts';
import { step1Frame, step2Frame, updateFrame, readMessage, type Message } from './frames.ts';
import { Malformed } from './gate/reader.ts';
import { scanUpdate } from './gate/scan.ts';
import type { HotDocument } from './hot.ts';
import { newTurn } from './journal.ts';
import { Outage, type PendingTurn, type Promised } from './outage.ts';
import type { Peer } from './peer.ts';

/** A turn that was committed, for those who derive something from it. */
export interface TurnNotice {
	readonly document: DocumentId;
	readonly turn: number;
	/** Epoch ms. */
	readonly at: number;
	/** How many edits it holds, the server's included. */
	readonly edits: number;
	readonly facts: readonly Fact[];
}

export interface RoomParts {
	readonly db: Database;
	readonly log: Logger;
	readonly unsavedFolder: string;
	readonly id: () => string;
	/** Epoch ms. */
	readonly now: () => number;
	readonly nameOf: (person: PersonId) => string;
	readonly notice: (turn: TurnNotice) => void;
}

/** What a deciding transaction knows of its fate. */
interface Attempt {
	/** Nobody waits for it any more: it must not write. */
	isAbandoned: boolean;
	/** It may be committed from here on. */
	isSent: boolean;
}

/**
 * An open incident's hot document and the people in it. One loop takes turns: while one commits,
 * everything that arrives waits, then becomes the next. An edit exists once it is committed; then
 * everybody sees it. While the store is away people see each other's edits all the same, which are
 * kept in a file and acknowledged once the store has them.
 */
export class Room {
	readonly document: DocumentId;
	readonly #parts: RoomParts;
	readonly #hot: HotDocument;
	readonly #peers = new Map<string, Peer>();
	readonly #carets = new Carets();
	readonly #clients = { facts: newClientId(), content: newClientId() };
	readonly #looks: (() => void)[] = [];
	readonly #incoming: Incoming[] = [];
	readonly #asks: Ask[] = [];
	readonly #heartbeat: NodeJS.Timeout;
	readonly #onEnd: () => void;
	#outage: Outage | null = null;
	#delivery: Promise<void> = Promise.resolve();
	#loop: Promise<void> | null = null;
	#isOver = false;
	/** Since when nobody is here (epoch ms), or null. */
	#emptySince: number | null;

	/** `left` are unsaved turns of an earlier run, already part of the hot document. */
	constructor(
		parts: RoomParts,
		loaded: {
			document: DocumentId;
			hot: HotDocument;
			outage: Outage | null;
			onEnd: () => void;
		},
	) {
		this.#parts = parts;
		this.document = loaded.document;
		this.#hot = loaded.hot;
		this.#onEnd = loaded.onEnd;
		this.#emptySince = parts.now();
		this.#heartbeat = setInterval(() => this.#beat(), limits.heartbeatMs);
		if (loaded.outage) this.#startDelivery(loaded.outage);
		else if (this.#hot.unloggedEntries().length > 0) this.#ask(null);
	}

	get isUnsaved(): boolean {
		return this.#outage !== null;
	}

	get peers(): Iterable<Peer> {
		return this.#peers.values();
	}

	/** Lets a peer in: it is asked for what it has, and told what it lacks when it asks. */
	enter(peer: Peer): void {
		this.#peers.set(peer.info.conn, peer);
		this.#emptySince = null;
		this.#look(() => {
			peer.send(step1Frame(this.#hot.stateVector));
			const carets = this.#carets.all(peer);
			if (carets) peer.send(carets);
		});
	}

	leave(peer: Peer): void {
		if (this.#peers.get(peer.info.conn) === peer) this.#peers.delete(peer.info.conn);
		const gone = this.#carets.leave(peer);
		if (gone) this.#broadcast(gone);
		if (this.#peers.size === 0) this.#emptySince = this.#parts.now();
	}

	/** Takes a message from a peer; a malformed one sends only its sender away. */
	receive(peer: Peer, bytes: Uint8Array): void {
		if (peer.isRefused || this.#isOver) return;
		try {
			this.#take(peer, readMessage(bytes));
		} catch (error) {
			if (!(error instanceof Malformed)) throw error;
			peer.refuse(new Refusal('invalid', error.message));
		}
	}

	/** Asks for a command or an entry; answers when it is committed, or refuses. */
	ask(ask: Ask): void {
		this.#ask(ask);
	}

	/** Looks at the document between turns: nothing uncommitted is in it, but for an outage. */
	read<T>(look: (doc: Y.Doc, turn: number) => T): Promise<T> {
		const { promise, resolve, reject } = Promise.withResolvers<T>();
		this.#look(() => {
			try {
				resolve(look(this.#hot.doc, this.#hot.turn));
			} catch (error) {
				reject(error);
			}
		});
		return promise;
	}

	/** Whether nobody needs it any more: empty for a while, and all is committed. */
	isIdle(now: number): boolean {
		const isQuiet = !this.#loop && !this.#outage && this.#asks.length === 0;
		return isQuiet && this.#emptySince !== null && now - this.#emptySince >= limits.idleRoomMs;
	}

	/** Ends the room: its peers come back to a fresh one. What is unsaved stays in its file. */
	async end(): Promise<void> {
		if (this.#isOver) return;
		this.#isOver = true;
		clearInterval(this.#heartbeat);
		for (const peer of this.#peers.values()) peer.close(restartCode, 'The room starts anew.');
		this.#onEnd();
		await this.#loop;
		for (const ask of this.#asks.splice(0)) {
			ask.refuse(new Refusal('unavailable', 'Muster is stopping. Nothing was written; try again.'));
		}
		await Promise.race([this.#delivery, pause(this.#outage ? 0 : limits.commandMs)]);
		await this.#outage?.file.close();
		this.#hot[Symbol.dispose]();
	}

	/** Waits until nothing is under way. */
	async quiet(): Promise<void> {
		while (this.#loop || this.#outage) {
			await this.#loop;
			await this.#delivery;
		}
	}

	#take(peer: Peer, message: Message): void {
		switch (message.kind) {
			case 'step1':
				this.#look(() => peer.send(step2Frame(this.#hot.encodeFor(message.stateVector))));
				return;
			case 'step2':
			case 'update':
				this.#takeUpdate(peer, message);
				return;
			case 'awareness': {
				const frame = this.#carets.take(peer, message.bytes, this.#hot);
				if (frame) this.#broadcast(frame, peer.info.conn);
				return;
			}
			case 'queryAwareness': {
				const carets = this.#carets.all(peer);
				if (carets) peer.send(carets);
				return;
			}
			case 'ignored':
				return;
			default:
				message satisfies never;
		}
	}

	#takeUpdate(peer: Peer, message: Extract<Message, { kind: 'step2' | 'update' }>): void {
		const { kind, bytes } = message;
		if (kind === 'update' && bytes.length > limits.updateBytes) {
			peer.refuse(new Refusal('tooLarge', 'This edit is larger than 1 MiB.'));
			return;
		}
		peer.received += 1;
		const scan = scanUpdate(bytes);
		const receivedAt = this.#parts.now();
		this.#incoming.push({ peer, n: peer.received, kind, bytes, scan, receivedAt });
		this.#wake();
	}

	#look(look: () => void): void {
		this.#looks.push(look);
		this.#wake();
	}

	/** Null asks for nothing but a deciding turn, which logs what is not logged. */
	#ask(ask: Ask | null): void {
		if (ask) this.#asks.push(ask);
		else this.#mustLog = true;
		this.#wake();
	}
	#mustLog = false;

	#wake(): void {
		if (this.#loop || this.#isOver) return;
		this.#loop = this.#run().finally(() => {
			this.#loop = null;
			if (this.#hasWork) this.#wake();
		});
	}

	get #hasWork(): boolean {
		const canAsk = this.#outage === null && (this.#asks.length > 0 || this.#mustLog);
		return this.#looks.length > 0 || this.#incoming.length > 0 || canAsk;
	}

	async #run(): Promise<void> {
		try {
			await nextRound();
			while (this.#hasWork && !this.#isOver) await this.#takeTurn();
		} catch (error) {
			this.#startAnew(error);
		}
	}

	/** The one recovery for all odd cases: the hot document is thrown away, the journal is the truth. */
	#startAnew(error: unknown): void {
		this.#parts.log.error({ err: error, document: this.document }, 'room starts anew');
		void this.end();
	}

	async #takeTurn(): Promise<void> {
		for (const look of this.#looks.splice(0)) look();
		const incoming = this.#incoming.splice(0);
		if (this.#outage) {
			if (incoming.length > 0) await this.#takeUnsaved(this.#outage, incoming);
			return;
		}
		const asks = this.#asks.splice(0).filter((ask) => !ask.isAnswered);
		if (asks.length > 0 || this.#mustLog || incoming.some((edit) => this.#needsDecision(edit))) {
			await this.#takeDeciding(incoming, asks);
		} else if (incoming.length > 0) {
			await this.#takePlain(incoming);
		}
	}

	/** New entries and client ids that the store does not know yet are decided under the document's lock. */
	#needsDecision({ scan }: Incoming): boolean {
		return (
			scan.newKeys.has('entries') ||
			scan.blocks.some(({ client, end }) => {
				return end > this.#hot.clockOf(client) && !this.#hot.kept.has(client);
			})
		);
	}

	#readOnly(peer: Peer): Refusal | null {
		if (!peer.info.mayWrite) {
			return new Refusal('forbidden', 'You may watch this incident, not change it.');
		}
		if (this.#hot.state.isSealed) {
			return new Refusal('sealed', 'This incident is closed and takes no more edits.');
		}
		return null;
	}

	#draftOf(incoming: readonly Incoming[]): Draft {
		const draft = new Draft(this.#hot);
		draft.takeIn(incoming, (peer) => this.#readOnly(peer));
		for (const peer of draft.incomplete) this.#askForMissing(peer);
		return draft;
	}

	async #takePlain(incoming: readonly Incoming[]): Promise<void> {
		const draft = this.#draftOf(incoming);
		if (draft.isEmpty) {
			draft.settle();
			return;
		}
		const turn = newTurn(draft.edits);
		const attempt = appendTurn(this.#parts.db.rooms, this.document, turn);
		const place = await inTime(attempt);
		if (place) {
			if (place.turn > this.#hot.turn + 1)
				await this.#catchUp(this.#parts.db.rooms, place.turn - 1);
			this.#committed(draft, place, []);
			return;
		}
		await this.#becomeUnsaved({
			nonce: turn.nonce,
			parts: draft.edits,
			draft,
			attempt,
			promised: [],
		});
	}

	async #takeDeciding(incoming: readonly Incoming[], asks: readonly Ask[]): Promise<void> {
		const nonce = randomUUID();
		const attempt: Attempt = { isAbandoned: false, isSent: false };
		const promised: Promised[] = [];
		let draft: Draft | null = null;
		let parts: Edit[] = [];
		const work = this.#parts.db.rooms.begin(async (tx) => {
			const at = await this.#lock(tx, attempt, incoming);
			draft = this.#draftOf(incoming);
			parts = [...draft.edits];
			this.#log(draft, at);
			promised.push(...this.#decide(draft, asks, at));
			if (draft.isEmpty) return null;
			attempt.isSent = true;
			for (const { ask } of promised) ask.isSent = true;
			await bindClients(tx, this.document, draft.bindings);
			return appendTurn(tx, this.document, { ...newTurn(draft.edits, nonce), at });
		});
		const done = await inTime(work.then((place) => ({ place })));
		const made = draft as Draft | null;
		if (done && made) {
			this.#mustLog = false;
			if (done.place) this.#committed(made, done.place, promised);
			else made.settle();
			return;
		}
		attempt.isAbandoned = true;
		void work.catch(() => null); // what it says is found out by its nonce
		this.#asks.unshift(...asks.filter((ask) => !ask.isAnswered && !ask.isSent));
		if (!made) {
			await this.#becomeUnsaved(null, incoming);
			return;
		}
		const place = work.then((found) => found ?? Promise.reject(new Error('Nothing was written.')));
		await this.#becomeUnsaved({ nonce, parts, draft: made, attempt: place, promised });
	}

	/** Locks the document and catches up; gives the instant of the turn, in microseconds. */
	async #lock(
		tx: TransactionSql,
		attempt: Attempt,
		incoming: readonly Incoming[],
	): Promise<number> {
		const place = await lockDocument(tx, this.document);
		const unknown = incoming.flatMap(({ scan }) => scan.blocks.map(({ client }) => client));
		const fresh = [...new Set(unknown)].filter((client) => !this.#hot.kept.has(client));
		const owners = fresh.length > 0 ? await readOwners(tx, this.document, fresh) : [];
		if (place.turn > this.#hot.turn) await this.#catchUp(tx, place.turn, attempt);
		if (attempt.isAbandoned) throw new Error('The store answered too late.');
		for (const [client, person] of owners) this.#hot.clients.set(client, person);
		return place.at;
	}

	/** Says who logged the entries that came without the server's knowing. */
	#log(draft: Draft, at: number): void {
		const now = Math.floor(at / 1000);
		const unlogged = this.#mustLog ? this.#hot.unloggedEntries() : draft.newEntries;
		for (const { entry, by } of unlogged) {
			const fact = loggedFact(entry, { now, by, id: this.#parts.id, nameOf: this.#parts.nameOf });
			draft.write({ facts: [fact], entry: null }, by, this.#clients, now);
		}
	}

	#decide(draft: Draft, asks: readonly Ask[], at: number): Promised[] {
		const now = Math.floor(at / 1000);
		const promised: Promised[] = [];
		for (const ask of asks) {
			try {
				const facts = [...this.#hot.facts, ...draft.facts];
				const state = this.#hot.stateAfter(draft.facts);
				const { id, nameOf } = this.#parts;
				const decision = decideWish(ask, { facts, state, now, id, nameOf });
				if ('isRepeat' in decision) {
					promised.push({ ask, outcome: decision });
					continue;
				}
				draft.write(decision, ask.asker.person.id, this.#clients, now);
				const entry = decision.entry?.id ?? null;
				promised.push({ ask, outcome: { facts: decision.facts, entry, isRepeat: false } });
			} catch (error) {
				ask.refuse(error);
			}
		}
		return promised;
	}

	/** The turn is in the journal: now everybody sees it, its senders are told, its askers answered. */
	#committed(draft: Draft, place: Place, promised: readonly Promised[]): void {
		for (const client of draft.bindings.keys()) this.#hot.kept.add(client);
		const written = draft.afterCommit.length > 0 ? this.#hot.apply(draft.afterCommit) : null;
		this.#hot.turn = place.turn;
		if (draft.changed) this.#broadcast(updateFrame(draft.changed), draft.onlyAuthor);
		if (written) this.#broadcast(updateFrame(written));
		draft.settle();
		this.#answer(promised);
		this.#notice(place, draft.edits.length, draft.facts);
	}

	#answer(promised: readonly Promised[]): void {
		for (const { ask, outcome } of promised) if (!ask.isAnswered) ask.accept(outcome);
	}

	#notice(place: Place, edits: number, facts: readonly Fact[]): void {
		const at = Math.floor(place.at / 1000);
		this.#parts.notice({ document: this.document, turn: place.turn, at, edits, facts });
	}

	/** Applies what the journal has beyond the hot document, up to a turn. */
	async #catchUp(sql: ISql, upTo: number, attempt?: Attempt): Promise<void> {
		const updates: Uint8Array[] = [];
		for await (const row of readTurns(sql as TransactionSql, this.document, this.#hot.turn)) {
			if (row.turn > upTo) break;
			updates.push(...row.edits.map(({ bytes }) => bytes));
		}
		if (attempt?.isAbandoned) return;
		const changed = this.#hot.apply(updates);
		this.#hot.turn = upTo;
		if (changed) this.#broadcast(updateFrame(changed));
	}

	#broadcast(frame: Uint8Array, exceptConn: string | null = null): void {
		for (const [conn, peer] of this.#peers) if (conn !== exceptConn) peer.send(frame);
	}

	/** Asks a peer for what its edits build on, at most once a second, and for a minute at most. */
	#askForMissing(peer: Peer): void {
		const now = this.#parts.now();
		const since = peer.incompleteSince ?? now;
		if (now - since > limits.resyncGiveUpMs) {
			peer.refuse(
				new Refusal('conflict', 'This copy builds on changes that the server never got.'),
			);
			return;
		}
		if (now < peer.askedAt) return; // a question is on its way
		const wait = Math.max(0, peer.askedAt + limits.resyncMs - now);
		peer.askedAt = now + wait;
		setTimeout(() => {
			if (this.#peers.get(peer.info.conn) !== peer) return;
			this.#look(() => peer.send(step1Frame(this.#hot.stateVector)));
		}, wait).unref();
	}

	#beat(): void {
		this.#broadcast(heartbeatFrame);
	}

	/** The store does not answer: from now on turns go to the file, and people see them unsaved. */
	async #becomeUnsaved(
		first: PendingTurn | null,
		incoming: readonly Incoming[] = [],
	): Promise<void> {
		const { log, now, unsavedFolder } = this.#parts;
		log.warn({ document: this.document }, 'store is away: room goes on unsaved');
		const outage = new Outage(now(), newBacklogFile(unsavedFolder, this.document));
		this.#outage = outage;
		if (first) await this.#keepAndShow(outage, first);
		if (incoming.length > 0) await this.#takeUnsaved(outage, incoming);
		this.#startDelivery(outage);
	}

	async #takeUnsaved(outage: Outage, incoming: readonly Incoming[]): Promise<void> {
		const draft = this.#draftOf(incoming);
		if (draft.isEmpty) {
			const last = outage.turns.findLast((turn) => turn.draft !== null)?.draft;
			if (last) last.settled.push(...draft.settled);
			else draft.settle();
			return;
		}
		const pending = {
			nonce: randomUUID(),
			parts: draft.edits,
			draft,
			attempt: null,
			promised: [],
		};
		await this.#keepAndShow(outage, pending);
		this.#holdBack(outage.bytes > limits.unsavedBytes);
	}

	async #keepAndShow(outage: Outage, pending: PendingTurn): Promise<void> {
		await outage.add(pending);
		const { draft } = pending;
		if (draft?.changed) this.#broadcast(updateFrame(draft.changed), draft.onlyAuthor);
	}

	#holdBack(isFull: boolean): void {
		for (const peer of this.#peers.values()) peer.pause(isFull);
	}

	#startDelivery(outage: Outage): void {
		this.#outage = outage;
		this.#delivery = this.#deliver(outage).catch((error: unknown) => this.#startAnew(error));
	}

	/** Commits what waits, turn by turn, for as long as it takes. */
	async #deliver(outage: Outage): Promise<void> {
		const delays = [50, 100, 200, 500, 1_000];
		let failures = 0;
		for (let turn = outage.turns[0]; turn && !this.#isOver; turn = outage.turns[0]) {
			try {
				await this.#deliverOne(turn);
				outage.shift();
				failures = 0;
			} catch (error) {
				if (turn.attempt === null) {
					this.#parts.log.warn(
						{ err: error, document: this.document },
						'turn is not committed yet',
					);
				}
				turn.attempt = null;
				await pause(delays[Math.min(failures++, delays.length - 1)]);
			}
		}
		if (this.#isOver) return;
		this.#outage = null;
		this.#holdBack(false);
		this.#parts.log.info({ document: this.document }, 'store is back: all is saved');
		this.#mustLog = this.#hot.unloggedEntries().length > 0;
		this.#wake();
		await outage.end();
	}

	async #deliverOne(turn: PendingTurn): Promise<void> {
		if (turn.attempt) {
			const place = await turn.attempt;
			if (turn.draft) this.#committed(turn.draft, place, turn.promised);
			return;
		}
		const done = await this.#commitAgain(turn);
		if (turn.draft) {
			for (const client of turn.draft.bindings.keys()) this.#hot.kept.add(client);
			turn.draft.settle();
		}
		if (done.isFound) this.#answer(turn.promised);
		else
			this.#asks.unshift(...turn.promised.map(({ ask }) => ask).filter((ask) => !ask.isAnswered));
	}

	/** Sends the same turn again, unless the journal has it. */
	async #commitAgain(turn: PendingTurn): Promise<{ isFound: boolean }> {
		const attempt: Attempt = { isAbandoned: false, isSent: false };
		let late: Draft | null = null;
		const result = await this.#parts.db.rooms.begin(async (tx) => {
			const at = await this.#lock(tx, attempt, []);
			if (await findTurn(tx, this.document, turn.nonce)) return { isFound: true, place: null };
			if (turn.parts.length === 0) return { isFound: false, place: null };
			const bindings = new Map(turn.parts.map(({ client, person }) => [client, person]));
			for (const [client, person] of turn.draft?.bindings ?? []) bindings.set(client, person);
			await bindClients(tx, this.document, bindings);
			late = new Draft(this.#hot);
			late.edits.push(...turn.parts);
			for (const { entry, by } of this.#newEntriesOf(turn)) {
				const now = Math.floor(at / 1000);
				const fact = loggedFact(entry, { now, by, id: this.#parts.id, nameOf: this.#parts.nameOf });
				late.write({ facts: [fact], entry: null }, by, this.#clients, now);
			}
			const again = newTurn(late.edits, turn.nonce);
			return { isFound: false, place: await appendTurn(tx, this.document, { ...again, at }) };
		});
		const made = late as Draft | null;
		if (result.place && made) this.#committed(made, result.place, []);
		return result;
	}

	#newEntriesOf(turn: PendingTurn): { entry: EntryId; by: PersonId }[] {
		if (turn.draft) return turn.draft.newEntries;
		return turn.parts.flatMap(({ bytes, person }) => {
			const keys = scanUpdate(bytes).newKeys.get('entries') ?? [];
			return keys.map((entry) => ({ entry: entry as EntryId, by: person }));
		});
	}
}

/** The promise's value if it comes in time, else null; a failure is no value either. */
async function inTime<T>(promise: Promise<T>): Promise<T | null> {
	const timeout = Promise.withResolvers<null>();
	const timer = setTimeout(() => timeout.resolve(null), limits.commitMs);
	try {
		return await Promise.race([promise.catch(() => null), timeout.promise]);
	} finally {
		clearTimeout(timer);
	}
}
