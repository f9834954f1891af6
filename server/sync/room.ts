import { randomUUID } from 'node:crypto';
import { setImmediate as nextRound } from 'node:timers/promises';
import type * as Y from 'yjs';
import type { DocumentId, PersonId } from '#core/ids.ts';
import type { Fact } from '#core/incident/record.ts';
import type { Edit } from '#core/incident/turn.ts';
import { Refusal } from '#core/refusal.ts';
import { restartCode } from '#server/http/closeCodes.ts';
import { limits } from '#server/limits.ts';
import type { Logger } from '#server/log.ts';
import type { Database } from '#server/storage/database.ts';
import { appendTurn, type Place } from '#server/storage/documents.ts';
import type { Ask } from './asks.ts';
import { Audience } from './audience.ts';
import { newBacklogFile } from './backlog.ts';
import { Attempt, Deciding } from './deciding.ts';
import { deliver } from './delivery.ts';
import { Draft, type Incoming } from './draft.ts';
import { readMessage, step1Frame, step2Frame, updateFrame, type Message } from './frames.ts';
import { newEntriesIn } from './gate/judge.ts';
import { Malformed } from './gate/reader.ts';
import { scanUpdate } from './gate/scan.ts';
import type { HotDocument } from './hot.ts';
import { newTurn } from './journal.ts';
import { askForMissing } from './missing.ts';
import { Outage, pendingTurn, type PendingTurn, type Promised } from './outage.ts';
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
	/** Hears of every committed turn. */
	readonly notice: (turn: TurnNotice) => void;
	/** Hears when a room's turns cannot be committed, and when they can again. */
	readonly unsaved: (document: DocumentId, isUnsaved: boolean) => void;
	/** Hears that nobody needs a room any more. */
	readonly unloaded: (document: DocumentId) => void;
}

/** Somebody wants to look at the document between two turns. */
interface Look {
	readonly look: () => void;
	/** The room is over before it could be looked at. */
	readonly miss: () => void;
}

/**
 * An open incident's hot document and the people in it. One loop takes turns: while one commits,
 * everything that arrives waits, then becomes the next. An edit exists once it is committed; then
 * everybody sees it. While the store is away people see each other's edits all the same, which are
 * kept in a file and acknowledged once the store has them.
 */
export class Room {
	readonly document: DocumentId;
	readonly audience = new Audience();
	readonly #parts: RoomParts;
	readonly #hot: HotDocument;
	readonly #deciding: Deciding;
	readonly #onEnd: () => void;
	readonly #looks: Look[] = [];
	readonly #incoming: Incoming[] = [];
	readonly #asks = new Set<Ask>();
	/** Entries are in the document that no fact confirms yet. */
	#mustLog: boolean;
	#outage: Outage | null = null;
	#delivery: Promise<void> = Promise.resolve();
	#loop: Promise<void> | null = null;
	#isOver = false;
	/** Since when nobody is here (epoch ms), or null. */
	#emptySince: number | null;

	/** `outage` holds unsaved turns of an earlier run, which are part of the hot document already. */
	constructor(
		parts: RoomParts,
		loaded: { document: DocumentId; hot: HotDocument; outage: Outage | null; onEnd: () => void },
	) {
		this.#parts = parts;
		this.document = loaded.document;
		this.#hot = loaded.hot;
		this.#onEnd = loaded.onEnd;
		this.#emptySince = parts.now();
		this.#mustLog = this.#hot.unloggedEntries().length > 0;
		this.#deciding = new Deciding({
			document: this.document,
			hot: this.#hot,
			id: parts.id,
			nameOf: parts.nameOf,
			onCaughtUp: (changed) => this.audience.broadcast(updateFrame(changed)),
		});
		if (loaded.outage) this.#startDelivery(loaded.outage);
		else this.#wake();
	}

	get isUnsaved(): boolean {
		return this.#outage !== null;
	}

	get isOver(): boolean {
		return this.#isOver;
	}

	/** Lets a peer in: it is asked for what it has, and told what it lacks when it asks. */
	enter(peer: Peer): void {
		this.audience.enter(peer);
		this.#emptySince = null;
		this.#look(() => {
			peer.send(step1Frame(this.#hot.stateVector));
			this.audience.showCarets(peer);
		});
	}

	leave(peer: Peer): void {
		this.audience.leave(peer);
		if (this.audience.size === 0) this.#emptySince = this.#parts.now();
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
		this.#asks.add(ask);
		this.#wake();
	}

	/**
	 * Looks at the document between turns: nothing uncommitted is in it, but for an outage.
	 * Throws a `Refusal` if the room ends before.
	 */
	read<T>(look: (doc: Y.Doc, turn: number) => T): Promise<T> {
		const { promise, resolve, reject } = Promise.withResolvers<T>();
		this.#look(
			() => {
				try {
					resolve(look(this.#hot.doc, this.#hot.turn));
				} catch (error) {
					reject(error);
				}
			},
			() => reject(new Refusal('unavailable', 'The incident is opened anew. Try again.')),
		);
		return promise;
	}

	/** Whether nobody needs it any more: empty for a while, and all is committed. */
	isIdle(now: number): boolean {
		const isQuiet = !this.#loop && !this.#outage && this.#asks.size === 0;
		return isQuiet && this.#emptySince !== null && now - this.#emptySince >= limits.idleRoomMs;
	}

	/** Ends the room: its peers come back to a fresh one. What is unsaved stays in its file. */
	async end(reason = 'The room starts anew.'): Promise<void> {
		if (this.#isOver) return;
		this.#isOver = true;
		this.#onEnd();
		await this.#loop;
		this.audience.dismiss(restartCode, reason);
		for (const { miss } of this.#looks.splice(0)) miss();
		for (const ask of this.#asks) {
			ask.refuse(new Refusal('unavailable', 'Muster restarts. Nothing was written; try again.'));
		}
		await this.#outage?.file.close();
		this.#hot[Symbol.dispose]();
		this.#parts.unloaded(this.document);
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
			case 'awareness':
				this.audience.moveCaret(peer, message.bytes, this.#hot);
				return;
			case 'queryAwareness':
				this.audience.showCarets(peer);
				return;
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

	#look(look: () => void, miss: () => void = () => undefined): void {
		if (this.#isOver) return miss();
		this.#looks.push({ look, miss });
		this.#wake();
	}

	#wake(): void {
		if (this.#loop || this.#isOver || !this.#hasWork) return;
		this.#loop = this.#run().finally(() => {
			this.#loop = null;
			this.#wake();
		});
	}

	get #hasWork(): boolean {
		const canDecide = this.#outage === null && (this.#asks.size > 0 || this.#mustLog);
		return this.#looks.length > 0 || this.#incoming.length > 0 || canDecide;
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
		for (const { look } of this.#looks.splice(0)) look();
		const incoming = this.#incoming.splice(0);
		if (this.#outage) {
			if (incoming.length > 0) await this.#takeUnsaved(this.#outage, incoming);
			return;
		}
		const asks = [...this.#asks].filter((ask) => !ask.isAnswered);
		this.#asks.clear();
		if (asks.length > 0 || this.#mustLog || incoming.some((edit) => this.#needsDecision(edit))) {
			await this.#takeDeciding(incoming, asks);
		} else if (incoming.length > 0) {
			await this.#takePlain(incoming);
		}
	}

	/** New entries and client ids that the store does not know yet are decided under the document's lock. */
	#needsDecision({ scan }: Incoming): boolean {
		return scan.blocks.some(
			(block) =>
				block.end > this.#hot.clockOf(block.client) &&
				(!this.#hot.kept.has(block.client) || newEntriesIn(block).length > 0),
		);
	}

	#draftOf(incoming: readonly Incoming[]): Draft {
		const draft = new Draft(this.#hot);
		draft.takeIn(incoming, (peer) => this.#whyReadOnly(peer));
		for (const peer of draft.incomplete) {
			askForMissing(peer, this.#parts.now(), () => {
				if (this.audience.has(peer)) this.#look(() => peer.send(step1Frame(this.#hot.stateVector)));
			});
		}
		return draft;
	}

	#whyReadOnly(peer: Peer): Refusal | null {
		if (!peer.info.mayWrite) {
			return new Refusal('forbidden', 'You may watch this incident, not change it.');
		}
		if (this.#hot.state.isSealed) {
			return new Refusal('sealed', 'This incident is closed and takes no more edits.');
		}
		return null;
	}

	async #takePlain(incoming: readonly Incoming[]): Promise<void> {
		const draft = this.#draftOf(incoming);
		if (draft.isEmpty) return draft.settle();
		const turn = newTurn(draft.edits);
		const attempt = appendTurn(this.#parts.db.rooms, this.document, turn);
		const place = await inTime(attempt);
		if (!place) {
			const { nonce } = turn;
			const parts = draft.edits;
			return this.#becomeUnsaved(pendingTurn({ nonce, parts, draft, attempt }));
		}
		if (place.turn > this.#hot.turn + 1) {
			await this.#deciding.catchUp(this.#parts.db.rooms, place.turn - 1);
		}
		this.#committed(draft, place);
	}

	async #takeDeciding(incoming: readonly Incoming[], asks: readonly Ask[]): Promise<void> {
		const nonce = randomUUID();
		const attempt = new Attempt();
		let promised: readonly Promised[] = [];
		let made: { draft: Draft; parts: readonly Edit[] } | null = null;
		const work = this.#parts.db.rooms.begin(async (tx) => {
			const at = await this.#deciding.lock(tx, attempt, incoming);
			const draft = this.#draftOf(incoming);
			made = { draft, parts: [...draft.edits] };
			const unlogged = this.#mustLog ? this.#hot.unloggedEntries() : draft.newEntries;
			this.#deciding.log(draft, unlogged, at);
			promised = this.#deciding.decide(draft, asks, at);
			attempt.isSent = !draft.isEmpty;
			if (draft.isEmpty) return null;
			for (const { ask } of promised) ask.isSent = true;
			return this.#deciding.append(tx, draft, { nonce, at, bindings: draft.bindings });
		});
		const done = await inTime(work.then((place) => ({ place })));
		const { draft, parts } = (made as { draft: Draft; parts: readonly Edit[] } | null) ?? {};
		if (done && draft) {
			this.#mustLog = false;
			if (done.place) this.#committed(draft, done.place);
			else draft.settle();
			this.#answer(promised);
			return;
		}
		attempt.isAbandoned = true;
		work.catch(() => null); // what came of it is found out by its nonce
		if (!attempt.isSent) for (const ask of asks) if (!ask.isAnswered) this.#asks.add(ask);
		if (!draft || !parts) return this.#becomeUnsaved(null, incoming);
		const place = work.then((found) => found ?? Promise.reject(new Error('Nothing was written.')));
		await this.#becomeUnsaved(
			pendingTurn({
				nonce,
				parts,
				draft,
				attempt: place,
				promised: attempt.isSent ? promised : [],
			}),
		);
	}

	/** The turn is in the journal: now everybody sees it, and its senders are told. */
	#committed(draft: Draft, place: Place): void {
		for (const client of draft.bindings.keys()) this.#hot.kept.add(client);
		const written = draft.afterCommit.length > 0 ? this.#hot.apply(draft.afterCommit) : null;
		this.#hot.turn = place.turn;
		if (draft.changed) this.audience.broadcast(updateFrame(draft.changed), draft.onlyAuthor);
		if (written) this.audience.broadcast(updateFrame(written));
		draft.settle();
		this.#parts.notice({
			document: this.document,
			turn: place.turn,
			at: Math.floor(place.at / 1000),
			edits: draft.edits.length,
			facts: draft.facts,
		});
	}

	#answer(promised: readonly Promised[]): void {
		for (const { ask, outcome } of promised) if (!ask.isAnswered) ask.accept(outcome);
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
		await this.#keepAndShow(
			outage,
			pendingTurn({ nonce: randomUUID(), parts: draft.edits, draft }),
		);
		this.audience.holdBack(outage.bytes > limits.unsavedBytes);
	}

	async #keepAndShow(outage: Outage, turn: PendingTurn): Promise<void> {
		await outage.add(turn);
		const { draft } = turn;
		if (draft?.changed) this.audience.broadcast(updateFrame(draft.changed), draft.onlyAuthor);
	}

	#startDelivery(outage: Outage): void {
		this.#outage = outage;
		this.#parts.unsaved(this.document, true);
		this.#delivery = this.#deliver(outage).catch((error: unknown) => this.#startAnew(error));
	}

	async #deliver(outage: Outage): Promise<void> {
		const { db, log } = this.#parts;
		await deliver(outage, {
			db,
			log,
			document: this.document,
			deciding: this.#deciding,
			isOver: () => this.#isOver,
			committed: (draft, place) => this.#committed(draft, place),
			delivered: (turn) => this.#delivered(turn),
		});
		if (this.#isOver) return;
		this.#outage = null;
		this.audience.holdBack(false);
		this.#parts.unsaved(this.document, false);
		log.info({ document: this.document }, 'store is back: all is saved');
		this.#mustLog = this.#hot.unloggedEntries().length > 0;
		this.#wake();
		await outage.end();
	}

	/** What people sent in this turn is saved; what was asked is answered, or decided anew. */
	#delivered({ draft, promised, withdrawn }: PendingTurn): void {
		for (const client of draft?.bindings.keys() ?? []) this.#hot.kept.add(client);
		draft?.settle();
		this.#answer(promised);
		for (const ask of withdrawn) if (!ask.isAnswered) this.#asks.add(ask);
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
