import type { DocumentId, EntryId, PersonId } from '#core/ids.ts';
import { factOf, loggedFact, type Context } from '#core/incident/decide.ts';
import type { NameOf } from '#core/incident/reading.ts';
import type { Fact } from '#core/incident/record.ts';
import type { Edit } from '#core/incident/turn.ts';
import { writtenIn } from '#core/retro/approvals.ts';
import { epochMs } from '#core/time.ts';
import { limits } from '#server/limits.ts';
import { newEntriesIn } from '../gate/judge.ts';
import { scanUpdate } from '../gate/scan.ts';
import type { HotDocument } from '../hot.ts';
import { newTurn, type Journal, type LockedJournal } from '../journal.ts';
import { isAhead } from '../nodes/ahead.ts';
import { clientsOf, readRows, type CatchUp } from '../nodes/catchUp.ts';
import { decideWish, type Ask } from './asks.ts';
import { Draft } from './draft.ts';
import { newClientId } from './facts.ts';
import type { Incoming } from './incomings.ts';
import { isToldLate, wordsOf } from './lateness.ts';
import type { PendingTurn, Promised, Written } from './pending.ts';

/** What a transaction that decides something knows of its fate. */
export class Attempt {
	/** Nobody waits for it any more: it must not write. */
	isAbandoned = false;
	/** It may be committed from here on. */
	isSent = false;
	/** What it writes, and what is answered once that is committed. */
	turn: PendingTurn | null = null;
	promised: readonly Promised[] = [];
}

/** An entry that is new to the server, with who wrote it. */
export interface Unlogged {
	readonly entry: EntryId;
	readonly by: PersonId;
}

export interface DecidingParts {
	readonly document: DocumentId;
	readonly journal: Journal;
	readonly hot: HotDocument;
	readonly catchUp: CatchUp;
	readonly id: () => string;
	readonly nameOf: NameOf;
}

/**
 * What happens under the lock of a document's row: catching up with the journal, then deciding on
 * exactly that state, whichever node asks. Instants are in microseconds, as the journal has them.
 */
export class Deciding {
	readonly #parts: DecidingParts;
	readonly #hot: HotDocument;
	readonly #clients = { facts: newClientId(), content: newClientId() };

	constructor(parts: DecidingParts) {
		this.#parts = parts;
		this.#hot = parts.hot;
	}

	/**
	 * Does some work while nobody else appends, on the very last state, given the instant that the
	 * next turn will have. Whoever is far behind catches up before, so that nobody waits for that.
	 */
	async locked<T>(
		{ attempt, incoming }: { attempt: Attempt; incoming: readonly Incoming[] },
		work: (locked: LockedJournal, at: number) => Promise<T>,
	): Promise<T> {
		const { journal, document, catchUp } = this.#parts;
		const decide = (mostMissed: number) =>
			journal.decide(document, async (locked) => {
				if (locked.place.turn - this.#hot.turn > mostMissed) return null;
				await this.#catchUpLocked(locked, incoming);
				if (attempt.isAbandoned) throw new Error('The store answered too late.');
				return { value: await work(locked, locked.place.at) };
			});
		const near = await decide(limits.lockedTurns);
		if (near) return near.value;
		catchUp.take(await readRows(journal.turnsAfter(document, this.#hot.turn)));
		const done = await decide(Infinity);
		if (!done) throw new Error('A lock was given back without need.');
		return done.value;
	}

	async #catchUpLocked(locked: LockedJournal, incoming: readonly Incoming[]): Promise<void> {
		const { place } = locked;
		const seen = incoming.flatMap(({ scan }) => scan.blocks.map(({ client }) => client));
		const fresh = [...new Set(seen)].filter((client) => !this.#hot.kept.has(client));
		const owners = fresh.length > 0 ? await locked.ownersOf(fresh) : [];
		if (place.turn > this.#hot.turn) {
			this.#parts.catchUp.take(await readRows(locked.turnsAfter(this.#hot.turn), place.turn));
		}
		for (const [client, person] of owners) this.#hot.clients.set(client, person);
	}

	/** Says who logged the entries that came without the server's knowing. */
	log(draft: Draft, unlogged: readonly Unlogged[], at: number): void {
		const source = this.#hot.state.isSealed ? { late: true as const } : {};
		for (const { entry, by } of unlogged) {
			this.#note(draft, { by, at }, (context) => loggedFact(entry, context, source));
		}
	}

	/** Decides what was asked, one after the other; what is refused hears so at once. */
	decide(draft: Draft, asks: readonly Ask[], at: number): Promised[] {
		return asks.flatMap((ask) => {
			// Its time may have run out while the lock was waited for: nothing is to be written.
			if (ask.isAnswered) return [];
			try {
				return [this.#decideOne(draft, ask, epochMs(at))];
			} catch (error) {
				ask.refuse(error);
				return [];
			}
		});
	}

	#decideOne(draft: Draft, ask: Ask, now: number): Promised {
		const decision = decideWish(ask, {
			facts: [...this.#hot.facts, ...draft.facts],
			state: this.#hot.stateAfter(draft.facts),
			written: () => writtenIn(this.#hot.doc),
			now,
			id: this.#parts.id,
			nameOf: this.#parts.nameOf,
		});
		if ('isRepeat' in decision) return { ask, outcome: decision };
		draft.write(decision, { by: ask.asker.person.id, clients: this.#clients, now });
		const { facts, entry, ...rest } = decision;
		return { ask, outcome: { facts, entry: entry?.id ?? null, isRepeat: false, ...rest } };
	}

	/**
	 * Sends turns again, with the *logged* facts of their entries, those of the first ones that go
	 * together; for each what was written, null for nothing or if the journal has it.
	 */
	again(turns: readonly PendingTurn[]): Promise<readonly (Written | null)[]> {
		return this.locked({ attempt: new Attempt(), incoming: [] }, async (locked, at) => {
			const known = await locked.known(turns.map(({ nonce }) => nonce));
			const together = this.#together(turns, known);
			const drafts = together.map((turn) => {
				return known.has(turn.nonce) ? null : this.#draftAgain(turn, at);
			});
			const written = together.flatMap((turn, i) => {
				const draft = drafts[i];
				return draft ? [{ turn, draft }] : [];
			});
			const bindings = new Map(written.flatMap(({ turn }) => [...bindingsOf(turn)]));
			const places = await locked.append(
				written.map(({ turn, draft }) => newTurn(draft.edits, turn.nonce)),
				{ bindings, isSealed: this.#hot.state.isSealed },
			);
			const byDraft = new Map(written.map(({ draft }, i) => [draft, places[i]]));
			return drafts.map((draft) => {
				const place = draft && byDraft.get(draft);
				return place ? { draft, place } : null;
			});
		});
	}

	/** Up to the first with which facts are written: those build on the state that the turns before leave. */
	#together(turns: readonly PendingTurn[], known: ReadonlySet<string>): readonly PendingTurn[] {
		const { isSealed } = this.#hot.state;
		const last = turns.findIndex(
			(turn) =>
				!known.has(turn.nonce) &&
				(isSealed || turn.aside.length > 0 || newEntriesOf(turn).length > 0),
		);
		return last < 0 ? turns : turns.slice(0, last + 1);
	}

	/** What was taken in before the incident was closed is late, and said to be. */
	#draftAgain(turn: PendingTurn, at: number): Draft | null {
		withdraw(turn);
		if (turn.parts.length === 0 && turn.aside.length === 0) return null;
		const draft = new Draft(this.#hot);
		const { isSealed } = this.#hot.state;
		draft.edits.push(...(isSealed ? turn.parts.map(late) : turn.parts));
		this.log(draft, newEntriesOf(turn), at);
		if (isSealed) this.#tellLate(draft, turn.parts, at);
		this.#tellAside(draft, turn.aside, at);
		return draft;
	}

	/** Once for each person and closing. */
	#tellLate(draft: Draft, parts: readonly Edit[], at: number): void {
		for (const { person, receivedAt } of parts) {
			if (isToldLate([...this.#hot.facts, ...draft.facts], person)) continue;
			this.#note(draft, { by: person, at }, (context) =>
				factOf(context, { kind: 'late' }, receivedAt),
			);
		}
	}

	#tellAside(draft: Draft, aside: readonly Edit[], at: number): void {
		for (const { person, bytes, receivedAt } of aside) {
			const text = wordsOf(bytes);
			if (text === '') continue;
			this.#note(draft, { by: person, at }, (context) =>
				factOf(context, { kind: 'setAside', text }, receivedAt),
			);
		}
	}

	#note(
		draft: Draft,
		{ by, at }: { by: PersonId; at: number },
		make: (context: Context) => Fact,
	): void {
		const { id, nameOf } = this.#parts;
		const now = epochMs(at);
		const fact = make({ now, by, id, nameOf });
		draft.write({ facts: [fact], entry: null }, { by, clients: this.#clients, now });
	}
}

/**
 * Whether an edit is decided under the document's lock: it has new entries or client ids that the
 * store does not know yet, or is ahead of this document.
 */
export function needsDecision(hot: HotDocument, { scan, peer }: Incoming): boolean {
	const isNew = scan.blocks.some(
		(block) =>
			block.end > hot.clockOf(block.client) &&
			(!hot.kept.has(block.client) || newEntriesIn(block).length > 0),
	);
	return isNew || isAhead(hot, scan, peer.info.person.id);
}

function late(edit: Edit): Edit {
	return { ...edit, kind: 'late' };
}

/** The row is locked and the turn is not there: what was asked in it was not written and never will be. */
function withdraw(turn: PendingTurn): void {
	for (const { ask } of turn.promised) {
		ask.isSent = false;
		turn.withdrawn.push(ask);
	}
	turn.promised = [];
}

function bindingsOf({ draft, parts }: PendingTurn): ReadonlyMap<number, PersonId> {
	return draft?.bindings ?? clientsOf(parts);
}

/** The entries of a turn; one from a backlog file is read for them. */
function newEntriesOf(turn: PendingTurn): readonly Unlogged[] {
	if (turn.draft) return turn.draft.newEntries;
	return turn.parts.flatMap(({ bytes, person }) => {
		const keys = scanUpdate(bytes).blocks.flatMap(newEntriesIn);
		return keys.map((entry) => ({ entry: entry as EntryId, by: person }));
	});
}
