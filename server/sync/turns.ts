import { randomUUID } from 'node:crypto';
import { kindOf, type DocumentId } from '#core/ids.ts';
import { Refusal } from '#core/refusal.ts';
import { epochMs } from '#core/time.ts';
import { limits } from '#server/limits.ts';
import type { Place } from '#server/storage/documents.ts';
import type { Audience } from './audience.ts';
import { inTime } from './clock.ts';
import type { HotDocument } from './hot.ts';
import { newTurn, type LockedJournal } from './journal.ts';
import { CatchUp, readRows } from './nodes/catchUp.ts';
import { Overtaken } from './nodes/clash.ts';
import type { Outage } from './outage/outage.ts';
import { Unsaved } from './outage/unsaved.ts';
import { updateFrame } from './peers/frames.ts';
import type { Peer } from './peers/peer.ts';
import type { OpenRoomParts } from './roomParts.ts';
import { Ask } from './turn/asks.ts';
import { Attempt, Deciding, needsDecision } from './turn/deciding.ts';
import { DeletionWatch, type BigDeletion } from './turn/deletions.ts';
import { Draft } from './turn/draft.ts';
import type { Incoming } from './turn/incomings.ts';
import { pendingTurn, type PendingTurn, type Promised, type Written } from './turn/pending.ts';

/** What turns need of their room. */
export interface TurnsParts extends OpenRoomParts {
	readonly document: DocumentId;
	readonly hot: HotDocument;
	readonly audience: Audience;
	/** Why nobody may write here, whoever they are. */
	readonly closed: Refusal | null;
	readonly isOver: () => boolean;
	/** What was asked is to be decided in a later turn. */
	readonly askAgain: (ask: Ask) => void;
	/** An edit of this peer's builds on something that is missing here. */
	readonly isMissing: (peer: Peer) => void;
	/** There is work again. */
	readonly wake: () => void;
	readonly failed: (error: unknown) => void;
}

/** What waits when a turn begins. */
export interface Work {
	readonly incoming: readonly Incoming[];
	readonly asks: readonly Ask[];
}

const whySealed = {
	room: 'This incident is closed and takes no more edits.',
	retro: 'This retrospective is published and takes no more edits.',
} as const;

/**
 * A room's turns: plain ones, whose edits commute; deciding ones, under the lock of the document's
 * row; and unsaved ones, while the store does not answer.
 */
export class Turns {
	readonly #parts: TurnsParts;
	readonly #hot: HotDocument;
	/** Takes over turns of other nodes, between ours. */
	readonly catchUp: CatchUp;
	readonly #deciding: Deciding;
	readonly #unsaved: Unsaved;
	/** The turn that is being committed. */
	#underWay: PendingTurn | null = null;
	readonly #watch: DeletionWatch;
	/** Those that are not told yet. */
	readonly #deletions: BigDeletion[] = [];
	/** Entries are in the document that no fact confirms yet. */
	#mustLog: boolean;

	constructor(parts: TurnsParts) {
		this.#parts = parts;
		this.#hot = parts.hot;
		this.#watch = new DeletionWatch(parts.hot.doc);
		this.#mustLog = !parts.closed && this.#hot.unloggedEntries().length > 0;
		this.catchUp = new CatchUp({ ...parts, uncommitted: () => this.#uncommitted() });
		this.#deciding = new Deciding({ ...parts, catchUp: this.catchUp });
		this.#unsaved = new Unsaved({
			...parts,
			deciding: this.#deciding,
			committed: (draft, place) => this.#committed(draft, place),
			delivered: (turn) => this.#delivered(turn),
			changed: (since) => this.#unsavedChanged(since),
		});
	}

	get isUnsaved(): boolean {
		return this.#unsaved.isOn;
	}

	/** Whether a turn is due though nobody sent or asked for anything. */
	get isDue(): boolean {
		return this.#mustLog && !this.isUnsaved;
	}

	/** Delivers what an earlier run could not; it is part of the hot document already. */
	resume(outage: Outage): void {
		this.#unsaved.resume(outage);
	}

	#uncommitted(): readonly PendingTurn[] {
		const { turns } = this.#unsaved;
		return this.#underWay ? [...turns, this.#underWay] : turns;
	}

	/** Makes one turn of all that waits. */
	async take({ incoming, asks }: Work): Promise<void> {
		if (this.isUnsaved) {
			for (const ask of asks) this.#parts.askAgain(ask);
			return this.#takeUnsaved(incoming);
		}
		if (
			asks.length > 0 ||
			this.#mustLog ||
			incoming.some((edit) => needsDecision(this.#hot, edit))
		) {
			return this.#takeDeciding(incoming, asks);
		}
		if (incoming.length > 0) return this.#takePlain(incoming);
	}

	/** Waits until nothing is unsaved. */
	quiet(): Promise<void> {
		return this.#unsaved.quiet();
	}

	/** What is unsaved stays in its file. */
	close(): Promise<void> {
		return this.#unsaved.close();
	}

	#draftOf(incoming: readonly Incoming[]): Draft {
		const draft = new Draft(this.#hot);
		const deletion = this.#watch.during(incoming, () =>
			draft.takeIn(incoming, {
				readOnly: (peer) => this.#whyReadOnly(peer),
				mayLack: this.isUnsaved,
			}),
		);
		if (deletion) this.#deletions.push(deletion);
		for (const peer of draft.incomplete) this.#parts.isMissing(peer);
		return draft;
	}

	#whyReadOnly(peer: Peer): Refusal | null {
		if (this.#parts.closed) return this.#parts.closed;
		if (!peer.info.mayWrite) {
			return new Refusal('forbidden', 'You may watch this incident, not change it.');
		}
		if (this.#hot.state.isSealed) {
			return new Refusal('sealed', whySealed[kindOf(this.#parts.document)]);
		}
		return null;
	}

	async #takePlain(incoming: readonly Incoming[]): Promise<void> {
		const draft = this.#draftOf(incoming);
		if (draft.isEmpty) return draft.settle();
		const turn = pendingTurn({ nonce: randomUUID(), parts: draft.edits, draft });
		this.#underWay = turn;
		turn.attempt = this.#append(turn, draft);
		const done = await this.#inTime(turn.attempt).finally(() => (this.#underWay = null));
		if (!done) return this.#unsaved.begin(turn);
		const written = done.value;
		// The turn itself was made under the lock then; of what people sent it shows nothing.
		if (written?.draft !== draft) this.#show(draft);
		if (written) this.#committed(written.draft, written.place);
		draft.settle();
	}

	/**
	 * Appends a plain turn. If other nodes were faster, after what they wrote; if they are so again and
	 * again, or have closed the incident, as soon as nobody else can be.
	 */
	async #append(turn: PendingTurn, draft: Draft): Promise<Written | null> {
		const { journal, document } = this.#parts;
		const { nonce, parts } = turn;
		for (let tries = 0; tries < limits.plainTries && !this.#hot.state.isSealed; tries++) {
			const place = await journal.append(document, newTurn(parts, nonce), this.#hot.turn);
			if (place) return { draft, place };
			await this.#catchUpInTurn();
		}
		const [written = null] = await this.#deciding.again([turn]);
		return written;
	}

	/** With what the other nodes told us meanwhile, or else from the journal. */
	async #catchUpInTurn(): Promise<void> {
		const { turn } = this.#hot;
		this.catchUp.takeTold();
		if (this.#hot.turn > turn) return;
		const { journal, document } = this.#parts;
		this.catchUp.take(await readRows(journal.turnsAfter(document, turn)));
	}

	async #takeDeciding(incoming: readonly Incoming[], asks: readonly Ask[]): Promise<void> {
		const nonce = randomUUID();
		const attempt = new Attempt();
		const work = this.#deciding.locked({ attempt, incoming }, (locked, at) =>
			this.#decide({ nonce, attempt, incoming, asks }, locked, at),
		);
		const done = await this.#inTime(work);
		const { turn, promised } = attempt;
		if (done && turn) {
			this.#mustLog = false;
			if (done.value) this.#committed(done.value.draft, done.value.place);
			else turn.draft?.settle();
			this.#answer(promised);
			return;
		}
		attempt.isAbandoned = true;
		work.catch(() => null); // what came of it is found out by its nonce
		if (!attempt.isSent) asks.forEach(this.#parts.askAgain);
		if (!turn) {
			// An empty turn that is delivered says that the store is back.
			const probe = pendingTurn({ nonce, parts: [] });
			return this.#unsaved.begin(probe, () => this.#takeUnsaved(incoming));
		}
		turn.attempt = work.then((found) => found ?? Promise.reject(new Error('Nothing was written.')));
		turn.attempt.catch(() => null); // it may have failed before anybody waits for it
		if (attempt.isSent) turn.promised = promised;
		await this.#unsaved.begin(turn);
	}

	/** Makes a turn under the lock, at an instant in microseconds; null if it changes nothing. */
	async #decide(
		{ nonce, attempt, incoming, asks }: Work & { nonce: string; attempt: Attempt },
		locked: LockedJournal,
		at: number,
	): Promise<Written | null> {
		const draft = this.#draftOf(incoming);
		attempt.turn = pendingTurn({ nonce, parts: [...draft.edits], draft });
		const unlogged = this.#mustLog ? this.#hot.unloggedEntries() : draft.newEntries;
		this.#deciding.log(draft, unlogged, at);
		attempt.promised = this.#deciding.decide(draft, asks, at);
		attempt.isSent = !draft.isEmpty;
		if (draft.isEmpty) return null;
		for (const { ask } of attempt.promised) ask.isSent = true;
		const [place] = await locked.append([newTurn(draft.edits, nonce)], {
			bindings: draft.bindings,
			isSealed: this.#hot.stateAfter(draft.facts).isSealed,
		});
		return place ? { draft, place } : null;
	}

	/** What comes of it in time; null if nothing or a failure. Throws `Overtaken`. */
	async #inTime<T>(work: Promise<T>): Promise<{ value: T } | null> {
		const result = work.then(
			(value) => ({ value }),
			(error: unknown) => {
				if (error instanceof Overtaken) return error;
				throw error;
			},
		);
		const done = await inTime(this.#parts.clock, limits.commitMs, result);
		if (done instanceof Overtaken) throw done;
		return done;
	}

	async #takeUnsaved(incoming: readonly Incoming[]): Promise<void> {
		if (incoming.length > 0) await this.#unsaved.take(this.#draftOf(incoming));
	}

	/** The turn is in the journal: now everybody sees it, and its senders are told. */
	#committed(draft: Draft, place: Place): void {
		for (const client of draft.bindings.keys()) this.#hot.kept.add(client);
		const written = draft.afterCommit.length > 0 ? this.#hot.apply(draft.afterCommit) : null;
		this.#hot.turn = Math.max(this.#hot.turn, place.turn);
		this.#show(draft);
		if (written) this.#parts.audience.broadcast(updateFrame(written));
		draft.settle();
		this.#parts.feed.tell(this.#parts.document, { ...place, edits: draft.edits });
		this.#parts.notice({
			document: this.#parts.document,
			turn: place.turn,
			at: epochMs(place.at),
			edits: draft.edits.length,
			facts: draft.facts,
		});
		this.#tellDeletions(place);
	}

	/** What people deleted in this turn is told in a later one. */
	#tellDeletions({ turn, at }: Place): void {
		for (const { by, ...loss } of this.#deletions.splice(0)) {
			const wish = {
				kind: 'deleted',
				at: epochMs(at),
				deletion: { turn, ...loss },
			} as const;
			const ask = new Ask(this.#parts.clock, { person: by }, wish);
			ask.outcome.catch(() => null); // the version before it is there, told or not
			this.#parts.askAgain(ask);
			this.#parts.wake();
		}
	}

	/** Everybody sees what people sent. */
	#show(draft: Draft): void {
		if (draft.changed) this.#parts.audience.broadcast(updateFrame(draft.changed), draft.onlyAuthor);
	}

	#answer(promised: readonly Promised[]): void {
		for (const { ask, outcome } of promised) if (!ask.isAnswered) ask.accept(outcome);
	}

	#unsavedChanged(since: number | null): void {
		this.#parts.unsaved(this.#parts.document, since);
		if (since !== null) return;
		this.#mustLog = this.#hot.unloggedEntries().length > 0;
		this.#parts.wake();
	}

	/** What people sent in this turn is saved; what was asked is answered, or decided anew. */
	#delivered({ draft, promised, withdrawn }: PendingTurn): void {
		for (const client of draft?.bindings.keys() ?? []) this.#hot.kept.add(client);
		draft?.settle();
		this.#answer(promised);
		withdrawn.forEach(this.#parts.askAgain);
	}
}
