import type * as Y from 'yjs';
import {
	kindOf,
	retroDocumentOf,
	roomDocumentOf,
	type DocumentId,
	type EntryId,
	type IncidentId,
} from '#core/ids.ts';
import type { NewEntry } from '#core/incident/entries.ts';
import type { Fact } from '#core/incident/record.ts';
import { Refusal } from '#core/refusal.ts';
import type { RetroCommand } from '#core/retro/commands.ts';
import type { Command } from '#core/wire.ts';
import { limits } from '#server/limits.ts';
import { inTime } from './clock.ts';
import { loadRoom } from './load.ts';
import type { ToldTurn } from './nodes/feed.ts';
import { Peer, type PeerInfo } from './peers/peer.ts';
import { Rates } from './peers/rates.ts';
import { Refusals } from './peers/refusals.ts';
import { Sockets } from './peers/sockets.ts';
import { Unread } from './peers/unread.ts';
import type { Wire } from './peers/wire.ts';
import type { Room } from './room.ts';
import type { RoomParts } from './roomParts.ts';
import { Ask, type Asker, type Outcome, type Wish } from './turn/asks.ts';

const nothingThere = {
	room: 'There is no such incident.',
	retro: 'Nobody has begun a retrospective of this incident.',
} as const;

/** All open rooms of this node: one room a document, loaded when somebody needs it. */
export class Rooms {
	/** Everybody's sockets, also those that wait for their room. */
	readonly sockets = new Sockets();
	/** Whom these rooms and their door sent away, and why. */
	readonly refusals: Refusals;
	readonly #parts: RoomParts;
	readonly #rates: Rates;
	readonly #unread = new Unread();
	readonly #rooms = new Map<DocumentId, Promise<Room | null>>();
	readonly #loaded = new Set<Room>();
	readonly #endSweep: () => void;
	readonly #endPoll: () => void;
	#isPolling = false;
	/** Deliveries to come, each with what calls it off. */
	readonly #redeliveries = new Map<DocumentId, () => void>();
	#isClosing = false;

	constructor(parts: RoomParts) {
		this.#parts = parts;
		this.refusals = new Refusals(parts);
		this.#rates = new Rates(parts.clock);
		this.#endSweep = parts.clock.every(limits.sweepMs, () => this.#unloadIdle());
		this.#endPoll = parts.clock.every(limits.pollMs, () => void this.#poll());
		parts.feed.onGap(() => void this.#poll());
	}

	/** How many rooms are open. */
	get open(): number {
		return this.#loaded.size;
	}

	/** How many open rooms hold what the store does not have yet. */
	get unsaved(): number {
		return Array.from(this.#loaded).filter((room) => room.isUnsaved).length;
	}

	/** Delivers what an earlier run could not save; call it before the server listens. */
	async start(): Promise<void> {
		const backlogs = await this.#parts.backlogs.find();
		for (const document of backlogs.keys()) await this.#deliver(document);
	}

	/** Opens a document with unsaved turns until they are delivered, also when nobody comes back to it. */
	async #deliver(document: DocumentId): Promise<void> {
		this.#redeliveries.delete(document);
		try {
			const room = await this.#room(document);
			await room?.quiet();
		} catch (error) {
			// One room's trouble keeps nobody out of the others, and its file stays.
			this.#parts.log.error({ err: error, document }, 'unsaved turns are not delivered yet');
			this.#deliverLater(document);
		}
	}

	#deliverLater(document: DocumentId): void {
		if (this.#isClosing) return;
		this.#redeliveries.get(document)?.();
		const again = () => void this.#deliver(document);
		this.#redeliveries.set(document, this.#parts.clock.after(limits.redeliverMs, again));
	}

	/** Whether the document's room is open here, so that nobody need ask the store for it. */
	isOpen(document: DocumentId): boolean {
		return Array.from(this.#loaded).some((room) => room.document === document);
	}

	/** Decides and writes a command. Throws a `Refusal`: also `unavailable` and `unclear`. */
	async command(incident: IncidentId, asker: Asker, command: Command): Promise<Outcome> {
		return this.#ask(roomDocumentOf(incident), asker, { kind: 'command', command });
	}

	/**
	 * Decides and writes a command about a retrospective; what it publishes shows the incident as of its
	 * room's last turn. Throws a `Refusal`: also `unavailable` and `unclear`.
	 */
	async retro(incident: IncidentId, asker: Asker, command: RetroCommand): Promise<Outcome> {
		const incidentTurn = await this.read(roomDocumentOf(incident), (_doc, turn) => turn);
		const wish = { kind: 'retro', command, incidentTurn } as const;
		return this.#ask(retroDocumentOf(incident), asker, wish);
	}

	/** Logs an entry. Throws a `Refusal`: also `unavailable` and `unclear`. */
	async log(
		incident: IncidentId,
		asker: Asker,
		entry: NewEntry,
	): Promise<{ id: EntryId; facts: readonly Fact[]; isRepeat: boolean }> {
		const outcome = await this.#ask(roomDocumentOf(incident), asker, { kind: 'entry', entry });
		if (!outcome.entry) {
			throw new Refusal('conflict', 'This key was used for another request.', 'idempotencyKey');
		}
		return { id: outcome.entry, facts: outcome.facts, isRepeat: outcome.isRepeat };
	}

	/** Brings parts of a document back to an earlier version. Throws a `Refusal`. */
	async restore(
		document: DocumentId,
		asker: Asker,
		how: Omit<Extract<Wish, { kind: 'restore' }>, 'kind'>,
	): Promise<Outcome> {
		return this.#ask(document, asker, { kind: 'restore', ...how });
	}

	/** Takes over a turn at once that was written here beside the rooms, and tells the other nodes of it. */
	async follow(document: DocumentId, turn: ToldTurn): Promise<void> {
		this.#parts.feed.tell(document, turn);
		const room = await this.#rooms.get(document)?.catch(() => null);
		await room?.follow(turn);
	}

	/** Whether edits of a document wait on this node that the store does not have. */
	async isUnsaved(document: DocumentId): Promise<boolean> {
		const room = await this.#rooms.get(document)?.catch(() => null);
		return room?.isUnsaved === true || (await this.#parts.backlogs.find()).has(document);
	}

	/** As of when (epoch ms) a document is shown that could not be opened whole; null for others. */
	async quarantineOf(document: DocumentId): Promise<{ readonly asOf: number } | null> {
		return (await this.#needed(document)).quarantine;
	}

	/** Throws a document's room away: whoever is in it comes back to a fresh one. */
	async openAnew(document: DocumentId): Promise<void> {
		const room = await this.#rooms.get(document)?.catch(() => null);
		await room?.end();
	}

	async #ask(document: DocumentId, asker: Asker, wish: Wish): Promise<Outcome> {
		const ask = new Ask(this.#parts.clock, asker, wish);
		this.#needed(document).then(
			(room) => (ask.isAnswered ? undefined : room.ask(ask)),
			(error: unknown) => (ask.isAnswered ? undefined : ask.refuse(error)),
		);
		return ask.outcome;
	}

	/** Looks at a document between turns. Throws a `Refusal` if there is none. */
	async read<T>(document: DocumentId, look: (doc: Y.Doc, turn: number) => T): Promise<T> {
		const room = await this.#needed(document);
		return room.read(look);
	}

	/** Lets a connection into a document's room; it is paused, and what it sends meanwhile waits in it. */
	connect(wire: Wire, document: DocumentId, info: PeerInfo): void {
		const peer = this.#peerOf(wire, document, info);
		let room: Room | null = null;
		this.sockets.add(peer, document);
		wire.onClose(() => {
			this.sockets.remove(peer);
			room?.leave(peer);
		});
		this.#needed(document).then(
			(found) => {
				wire.onMessage((bytes) => {
					if (bytes) found.receive(peer, bytes);
					else peer.refuse(new Refusal('invalid', 'Text is not part of this protocol.'));
				});
				if (!wire.isOpen) return;
				room = found;
				found.enter(peer);
			},
			(error: unknown) => {
				if (error instanceof Refusal) return peer.refuse(error);
				this.#parts.log.error({ err: error, document }, 'room cannot be opened');
				peer.refuse(new Refusal('unavailable', 'The incident cannot be opened right now.'));
			},
		);
	}

	#peerOf(wire: Wire, document: DocumentId, info: PeerInfo): Peer {
		const person = info.person.id;
		return new Peer(wire, info, {
			meter: this.#rates.meter(person, document),
			unread: this.#unread,
			refused: (refusal) => this.refusals.note(refusal, { person, document }),
			now: () => this.#parts.clock.now(),
		});
	}

	/** Ends all rooms. What is unsaved stays in its file for the next start. */
	async close(): Promise<void> {
		this.#isClosing = true;
		for (const callOff of this.#redeliveries.values()) callOff();
		this.#endSweep();
		this.#endPoll();
		await Promise.all(Array.from(this.#loaded, (room) => room.end('Muster restarts.')));
	}

	/** The document's room. One that ended between its loading and now is opened anew. */
	async #needed(document: DocumentId): Promise<Room> {
		for (;;) {
			const room = await this.#room(document);
			if (!room) throw new Refusal('unknown', nothingThere[kindOf(document)]);
			if (!room.isOver) return room;
			await room.end();
		}
	}

	/** One promise a document: ten people who arrive at once cause one load; a failed one leaves nothing. */
	#room(document: DocumentId): Promise<Room | null> {
		const known = this.#rooms.get(document);
		if (known) return known;
		if (this.#isClosing) return Promise.reject(new Refusal('unavailable', 'Muster is stopping.'));
		const loading = loadRoom(this.#parts, document, (room) => {
			this.#loaded.delete(room);
			if (this.#rooms.get(document) === loading) this.#rooms.delete(document);
			if (room.isUnsaved) this.#deliverLater(document);
		});
		this.#rooms.set(document, loading);
		loading.then(
			(room) => {
				if (!room) this.#rooms.delete(document);
				else if (this.#isClosing) void room.end('Muster restarts.');
				else this.#loaded.add(room);
			},
			() => this.#rooms.delete(document),
		);
		return loading;
	}

	/** What other nodes wrote reaches the rooms that are open here, whatever else fails. */
	async #poll(): Promise<void> {
		if (this.#isPolling || this.#loaded.size === 0) return;
		this.#isPolling = true;
		const rooms = [...this.#loaded];
		const { journal, clock } = this.#parts;
		const asked = journal.turnsOf(rooms.map(({ document }) => document));
		const turns = await inTime(clock, limits.pollMs, asked);
		this.#isPolling = false;
		if (!turns) return;
		for (const room of rooms) {
			const turn = turns.get(room.document);
			if (turn === undefined) void room.end('This incident is not kept any more.');
			else void room.hear(turn);
		}
	}

	#unloadIdle(): void {
		const now = this.#parts.clock.now();
		for (const room of this.#loaded) if (room.isIdle(now)) void room.end();
	}
}
