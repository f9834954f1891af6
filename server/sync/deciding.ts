import type { EntryId, PersonId } from '#core/ids.ts';
import { loggedFact } from '#core/incident/decide.ts';
import type { NameOf } from '#core/incident/reading.ts';
import type { JournalRow, Place } from '#server/storage/documents.ts';
import { decideWish, type Ask } from './asks.ts';
import { Draft, type Incoming } from './draft.ts';
import { newClientId } from './facts.ts';
import { newEntriesIn } from './gate/judge.ts';
import { scanUpdate } from './gate/scan.ts';
import type { HotDocument } from './hot.ts';
import { newTurn, type LockedJournal } from './journal.ts';
import { clientsOf, type PendingTurn, type Promised } from './outage.ts';

/** What a transaction that decides something knows of its fate. */
export class Attempt {
	/** Nobody waits for it any more: it must not write. */
	isAbandoned = false;
	/** It may be committed from here on. */
	isSent = false;
}

/** An entry that is new to the server, with who wrote it. */
export interface Unlogged {
	readonly entry: EntryId;
	readonly by: PersonId;
}

/**
 * What happens under the lock of a document's row: catching up with the journal, then deciding on
 * exactly that state, whichever node asks. Instants are in microseconds, as the journal has them.
 */
export class Deciding {
	readonly #hot: HotDocument;
	readonly #id: () => string;
	readonly #nameOf: NameOf;
	readonly #onCaughtUp: (changed: Uint8Array) => void;
	readonly #clients = { facts: newClientId(), content: newClientId() };

	constructor(parts: {
		hot: HotDocument;
		id: () => string;
		nameOf: NameOf;
		/** Hears what the journal had beyond the hot document. */
		onCaughtUp: (changed: Uint8Array) => void;
	}) {
		this.#hot = parts.hot;
		this.#id = parts.id;
		this.#nameOf = parts.nameOf;
		this.#onCaughtUp = parts.onCaughtUp;
	}

	/** Catches up while nobody else appends; gives the instant that the next turn will have. */
	async catchUpLocked(
		locked: LockedJournal,
		attempt: Attempt,
		incoming: readonly Incoming[],
	): Promise<number> {
		const { place } = locked;
		const seen = incoming.flatMap(({ scan }) => scan.blocks.map(({ client }) => client));
		const fresh = [...new Set(seen)].filter((client) => !this.#hot.kept.has(client));
		const owners = fresh.length > 0 ? await locked.ownersOf(fresh) : [];
		if (place.turn > this.#hot.turn) {
			await this.catchUp(locked.turnsAfter(this.#hot.turn), place.turn, attempt);
		}
		if (attempt.isAbandoned) throw new Error('The store answered too late.');
		for (const [client, person] of owners) this.#hot.clients.set(client, person);
		return place.at;
	}

	/** Applies the turns that the journal has beyond the hot document, up to one. */
	async catchUp(
		turns: AsyncIterable<JournalRow>,
		upTo: number,
		attempt: Attempt | null = null,
	): Promise<void> {
		const updates: Uint8Array[] = [];
		for await (const row of turns) {
			if (row.turn > upTo) break;
			updates.push(...row.edits.map(({ bytes }) => bytes));
		}
		if (attempt?.isAbandoned) return;
		const changed = this.#hot.apply(updates);
		this.#hot.turn = upTo;
		if (changed) this.#onCaughtUp(changed);
	}

	/** Says who logged the entries that came without the server's knowing. */
	log(draft: Draft, unlogged: readonly Unlogged[], at: number): void {
		const now = Math.floor(at / 1000);
		for (const { entry, by } of unlogged) {
			const fact = loggedFact(entry, { now, by, id: this.#id, nameOf: this.#nameOf });
			draft.write({ facts: [fact], entry: null }, { by, clients: this.#clients, now });
		}
	}

	/** Decides what was asked, one after the other; what is refused hears so at once. */
	decide(draft: Draft, asks: readonly Ask[], at: number): Promised[] {
		return asks.flatMap((ask) => {
			try {
				return [this.#decideOne(draft, ask, Math.floor(at / 1000))];
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
			now,
			id: this.#id,
			nameOf: this.#nameOf,
		});
		if ('isRepeat' in decision) return { ask, outcome: decision };
		draft.write(decision, { by: ask.asker.person.id, clients: this.#clients, now });
		const { facts, entry, ...rest } = decision;
		return { ask, outcome: { facts, entry: entry?.id ?? null, isRepeat: false, ...rest } };
	}

	/**
	 * Sends an unsaved turn again, with the *logged* facts of its entries, unless the journal has it.
	 * Gives the turn if it was written now.
	 */
	async again(
		locked: LockedJournal,
		turn: PendingTurn,
	): Promise<{ draft: Draft; place: Place } | null> {
		const at = await this.catchUpLocked(locked, new Attempt(), []);
		if (await locked.find(turn.nonce)) return null;
		withdraw(turn);
		if (turn.parts.length === 0) return null;
		const bindings = turn.draft?.bindings ?? clientsOf(turn.parts);
		const draft = new Draft(this.#hot);
		draft.edits.push(...turn.parts);
		this.log(draft, newEntriesOf(turn), at);
		const place = await locked.append(newTurn(draft.edits, turn.nonce), bindings);
		return { draft, place };
	}
}

/** The row is locked and the turn is not there: what was asked in it was not written and never will be. */
function withdraw(turn: PendingTurn): void {
	for (const { ask } of turn.promised) {
		ask.isSent = false;
		turn.withdrawn.push(ask);
	}
	turn.promised = [];
}

/** The entries of a turn; one from a backlog file is read for them. */
function newEntriesOf(turn: PendingTurn): readonly Unlogged[] {
	if (turn.draft) return turn.draft.newEntries;
	return turn.parts.flatMap(({ bytes, person }) => {
		const keys = scanUpdate(bytes).blocks.flatMap(newEntriesIn);
		return keys.map((entry) => ({ entry: entry as EntryId, by: person }));
	});
}
