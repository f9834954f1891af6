import type * as Y from 'yjs';
import {
	roomDocumentOf,
	type DocumentId,
	type EntryId,
	type IncidentId,
	type PersonId,
} from '#core/ids.ts';
import type { NewEntry } from '#core/incident/entries.ts';
import type { Fact } from '#core/incident/record.ts';
import { Refusal } from '#core/refusal.ts';
import type { Command } from '#core/wire.ts';
import { restartCode } from '#server/http/closeCodes.ts';
import { limits } from '#server/limits.ts';
import { Ask, type Asker, type Outcome, type Wish } from './asks.ts';
import { loadRoom } from './load.ts';
import { Peer, type PeerInfo } from './peer.ts';
import type { Room } from './room.ts';
import type { RoomParts } from './turns.ts';
import type { Wire } from './wire.ts';

/** All open rooms of this node: one room a document, loaded when somebody needs it. */
export class Rooms {
	readonly #parts: RoomParts;
	readonly #rooms = new Map<DocumentId, Promise<Room | null>>();
	readonly #loaded = new Set<Room>();
	readonly #endSweep: () => void;
	#isClosing = false;

	constructor(parts: RoomParts) {
		this.#parts = parts;
		this.#endSweep = parts.clock.every(limits.sweepMs, () => this.#unloadIdle());
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
		for (const document of backlogs.keys()) {
			try {
				await (await this.#room(document))?.quiet();
			} catch (error) {
				// One room's trouble keeps nobody out of the others; its file stays, or is set aside.
				this.#parts.log.error({ err: error, document }, 'unsaved turns are not delivered');
			}
		}
	}

	/** How many sockets are in them. */
	get peers(): number {
		return Array.from(this.#loaded).reduce((sum, room) => sum + room.audience.size, 0);
	}

	/** The sessions that have a socket here. */
	*sessions(): Iterable<string> {
		for (const room of this.#loaded) {
			for (const { info } of room.audience.peers) if (info.session !== null) yield info.session;
		}
	}

	/** Whether the document's room is open here, so that nobody need ask the store for it. */
	isOpen(document: DocumentId): boolean {
		return Array.from(this.#loaded).some((room) => room.document === document);
	}

	/** Decides and writes a command. Throws a `Refusal`: also `unavailable` and `unclear`. */
	async command(incident: IncidentId, asker: Asker, command: Command): Promise<Outcome> {
		return this.#ask(incident, asker, { kind: 'command', command });
	}

	/** Logs an entry. Throws a `Refusal`: also `unavailable` and `unclear`. */
	async log(
		incident: IncidentId,
		asker: Asker,
		entry: NewEntry,
	): Promise<{ id: EntryId; facts: readonly Fact[]; isRepeat: boolean }> {
		const outcome = await this.#ask(incident, asker, { kind: 'entry', entry });
		if (!outcome.entry) {
			throw new Refusal('conflict', 'This key was used for another request.', 'idempotencyKey');
		}
		return { id: outcome.entry, facts: outcome.facts, isRepeat: outcome.isRepeat };
	}

	async #ask(incident: IncidentId, asker: Asker, wish: Wish): Promise<Outcome> {
		const ask = new Ask(this.#parts.clock, asker, wish);
		this.#needed(roomDocumentOf(incident)).then(
			(room) => (ask.isAnswered ? undefined : room.ask(ask)),
			(error: unknown) => (ask.isAnswered ? undefined : ask.refuse(error)),
		);
		return ask.outcome;
	}

	/** Looks at an incident's document between turns. Throws a `Refusal` if there is none. */
	async read<T>(incident: IncidentId, look: (doc: Y.Doc, turn: number) => T): Promise<T> {
		const room = await this.#needed(roomDocumentOf(incident));
		return room.read(look);
	}

	/** Lets a connection into a document's room; it is paused, and what it sends meanwhile waits in it. */
	connect(wire: Wire, document: DocumentId, info: PeerInfo): void {
		const peer = new Peer(wire, info);
		this.#needed(document).then(
			(room) => {
				wire.onMessage((bytes) => {
					if (bytes) room.receive(peer, bytes);
					else peer.refuse(new Refusal('invalid', 'Text is not part of this protocol.'));
				});
				wire.onClose(() => room.leave(peer));
				if (!wire.isOpen) return;
				room.enter(peer);
				wire.pause(false);
			},
			(error: unknown) => {
				if (error instanceof Refusal) return peer.refuse(error);
				this.#parts.log.error({ err: error, document }, 'room cannot be opened');
				peer.refuse(new Refusal('unavailable', 'The incident cannot be opened right now.'));
			},
		);
	}

	/** A session is over: its sockets end. */
	signedOut(session: string): void {
		this.#dismiss((peer) => peer.info.session === session, 'signedOut');
	}

	/** A person's access changed: their sockets end, and come back with what they may do now. */
	accessChanged(person: PersonId): void {
		for (const room of this.#loaded) {
			for (const peer of room.audience.peers) {
				if (peer.info.person.id === person) peer.close(restartCode, 'Your access has changed.');
			}
		}
	}

	#dismiss(isMeant: (peer: Peer) => boolean, code: 'signedOut'): void {
		for (const room of this.#loaded) {
			for (const peer of room.audience.peers) {
				if (isMeant(peer)) peer.refuse(new Refusal(code, 'You are signed out.'));
			}
		}
	}

	/** Ends all rooms. What is unsaved stays in its file for the next start. */
	async close(): Promise<void> {
		this.#isClosing = true;
		this.#endSweep();
		await Promise.all(Array.from(this.#loaded, (room) => room.end('Muster restarts.')));
	}

	/** The document's room. One that ended between its loading and now is opened anew. */
	async #needed(document: DocumentId): Promise<Room> {
		for (;;) {
			const room = await this.#room(document);
			if (!room) throw new Refusal('unknown', 'There is no such incident.');
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

	#unloadIdle(): void {
		const now = this.#parts.clock.now();
		for (const room of this.#loaded) if (room.isIdle(now)) void room.end();
	}
}
