import type { Server as HttpServer } from 'node:http';
import { Server, type ServerOptions } from 'socket.io';
import type { IncidentId, PersonId } from '#core/ids.ts';
import { Refusal } from '#core/refusal.ts';
import { isRetroPlace } from '#core/retro/places.ts';
import type { Person } from '#core/response/access.ts';
import type { BoardRow, DocumentSize } from '#core/wire.ts';
import { sayFarewell } from '#server/farewell.ts';
import { limits } from '#server/limits.ts';
import { guardDoor, socketOptions, type DoorParts, type PresenceServer } from './door.ts';
import { readEvent, splitAcknowledge, type Acknowledge, type ClientEvent } from './events.ts';
import { Gathering } from './gathering.ts';
import { personsIn, type PresenceStore } from './store.ts';
import { Visitor } from './visitor.ts';

/** Somebody in a room on one connection, for those who keep that. */
export interface Stay {
	readonly incident: IncidentId;
	readonly person: PersonId;
	readonly conn: string;
}

export interface PresenceParts extends DoorParts {
	readonly httpServer: HttpServer;
	/** Whether somebody may see an incident; false also if there is none. Throws while the store is away. */
	readonly mayRead: (person: Person, incident: IncidentId) => Promise<boolean> | boolean;
	/** The rows of the board for these incidents; unknown ones are left out. */
	readonly rowsOf: (incidents: readonly IncidentId[]) => Promise<readonly BoardRow[]>;
	/** Hear when somebody comes in and goes (epoch ms). */
	readonly attended: (stay: Stay, at: number) => void;
	readonly left: (stay: Stay, at: number) => void;
	/** Epoch ms. */
	readonly now: () => number;
	readonly store: PresenceStore;
	/** How socket.io reaches the other nodes; null for a node that is alone. */
	readonly adapter: ServerOptions['adapter'] | null;
}

const boardRoom = 'board';

/** Who is in which room and in what part of it, and the board as it changes, over socket.io. */
export class Presence implements AsyncDisposable {
	readonly #parts: PresenceParts;
	readonly #io: PresenceServer;
	readonly #door: AsyncDisposable;
	readonly #store: PresenceStore;
	readonly #visitors = new Set<Visitor>();
	readonly #lists: Gathering<IncidentId>;
	readonly #board: Gathering<IncidentId>;
	/** Rooms whose turns cannot be committed, each with since when (epoch ms). */
	readonly #unsavedSince = new Map<IncidentId, number>();
	/** Documents that people should know to be large. */
	readonly #sizes = new Map<IncidentId, DocumentSize>();
	/** Incidents that were touched not long ago, each with the time (monotonic ms). */
	readonly #recent = new Map<IncidentId, number>();

	constructor(parts: PresenceParts) {
		this.#parts = parts;
		this.#store = parts.store;
		const { adapter } = parts;
		this.#io = new Server(parts.httpServer, {
			...socketOptions(parts),
			...(adapter && { adapter }),
		});
		this.#lists = new Gathering(limits.presentMs, (incidents) => this.#sendLists(incidents));
		this.#board = new Gathering(limits.boardMs, (incidents) => this.#sendRows(incidents));
		this.#door = guardDoor(this.#io, parts);
		this.#io.on('connection', (socket) => this.#welcome(new Visitor(socket)));
		this.#store.onChange((incident, haveCome) => {
			this.#lists.touch(incident);
			if (haveCome) this.boardTouched(incident);
		});
		this.#io.on('boardTouched', (incident) => this.#touchBoard(incident));
	}

	/** How many connections are open. */
	get open(): number {
		return this.#visitors.size;
	}

	/** The sessions that have an open connection. */
	sessions(): string[] {
		return Array.from(this.#visitors).flatMap(({ session }) => session ?? []);
	}

	/** How many persons are in each of some rooms, at all nodes. */
	counts(incidents: readonly IncidentId[]): Promise<ReadonlyMap<IncidentId, number>> {
		return this.#store.counts(incidents);
	}

	/** Whether somebody watches the board here. */
	get isBoardWatched(): boolean {
		return this.#io.of('/').adapter.rooms.has(boardRoom);
	}

	/** What the board shows of an incident has changed: all nodes tell those who watch it there. */
	boardTouched(incident: IncidentId): void {
		this.#touchBoard(incident);
		if (this.#parts.adapter) this.#io.serverSideEmit('boardTouched', incident);
	}

	/** The same, as this node has found out by itself: the others find out too. */
	boardTouchedHere(incident: IncidentId): void {
		this.#touchBoard(incident);
	}

	#touchBoard(incident: IncidentId): void {
		this.#recent.delete(incident);
		this.#recent.set(incident, performance.now());
		this.#forgetOld();
		this.#board.touch(incident);
	}

	/** A room's turns cannot be committed since then (epoch ms), or can again (null). */
	storeIsAway(incident: IncidentId, since: number | null): void {
		if (since === null) this.#unsavedSince.delete(incident);
		else this.#unsavedSince.set(incident, since);
		this.#lists.touch(incident);
	}

	/** What people in a room should know of its document's size, null for nothing. */
	documentIs(incident: IncidentId, size: DocumentSize | null): void {
		if (size === null) this.#sizes.delete(incident);
		else this.#sizes.set(incident, size);
		this.#lists.touch(incident);
	}

	/** A session is over: its connections end. */
	signedOut(session: string): void {
		for (const visitor of this.#visitors) if (visitor.session === session) visitor.dismiss();
	}

	/** A person's access or name changed: their connections end, and come back as who they are now. */
	accessChanged(person: PersonId): void {
		for (const visitor of this.#visitors) if (visitor.person === person) visitor.sendAround();
	}

	#welcome(visitor: Visitor): void {
		const { socket } = visitor;
		this.#visitors.add(visitor);
		// Never passed on: what arrives has one way in, whatever its name.
		socket.use((args) => this.#take(visitor, args));
		socket.on('disconnect', () => {
			this.#visitors.delete(visitor);
			this.#leave(visitor);
		});
	}

	#take(visitor: Visitor, args: readonly unknown[]): void {
		const { event, acknowledge } = splitAcknowledge(args);
		if (!visitor.mayGoOn()) {
			acknowledge?.({ error: { code: 'tooMany', message: 'This is too much at once.' } });
			return;
		}
		visitor.inTurn(() => this.#answer(visitor, event, acknowledge));
	}

	/** Every event goes through here: nothing that a client sends can throw further than this. */
	async #answer(
		visitor: Visitor,
		event: readonly unknown[],
		acknowledge: Acknowledge | null,
	): Promise<void> {
		try {
			await this.#handle(visitor, readEvent(event));
			acknowledge?.({});
		} catch (error) {
			if (error instanceof Refusal) {
				acknowledge?.({ error: { code: error.code, message: error.message } });
				return;
			}
			this.#parts.log.warn({ err: error, person: visitor.person }, 'presence event failed');
			visitor.sendAround();
		}
	}

	async #handle(visitor: Visitor, event: ClientEvent): Promise<void> {
		switch (event.name) {
			case 'enter':
				return this.#enter(visitor, event.message.incident);
			case 'where':
				visitor.place = event.message.place;
				visitor.isIdle = event.message.idle === true;
				this.#attend(visitor);
				this.#show(visitor);
				return;
			case 'board':
				return this.#watchBoard(visitor);
			default:
				event satisfies never;
		}
	}

	async #enter(visitor: Visitor, incident: IncidentId): Promise<void> {
		const { socket } = visitor;
		if (visitor.incident === incident) return;
		this.#leave(visitor);
		if (!(await this.#parts.mayRead(socket.data.identity.person, incident))) {
			throw new Refusal('unknown', 'There is no such incident.');
		}
		if (!socket.connected) return;
		void socket.join(roomOf(incident));
		visitor.incident = incident;
		visitor.since = this.#parts.now();
		visitor.place = null;
		const before = this.#personsIn(incident);
		this.#show(visitor);
		if (this.#personsIn(incident) !== before) this.boardTouched(incident);
		this.#attend(visitor);
	}

	/** Whoever reads or writes the retrospective does not respond to the incident: that is no attendance. */
	#attend(visitor: Visitor): void {
		const { incident } = visitor;
		if (incident === null) return;
		const attends = !isRetroPlace(visitor.place);
		if (attends === visitor.attends) return;
		const now = this.#parts.now();
		visitor.attends = attends;
		if (attends) this.#parts.attended({ ...visitorIn(visitor), incident }, now);
		else this.#parts.left({ ...visitorIn(visitor), incident }, now);
	}

	#leave(visitor: Visitor): void {
		const { incident, socket } = visitor;
		if (incident === null) return;
		visitor.incident = null;
		void socket.leave(roomOf(incident));
		const before = this.#personsIn(incident);
		this.#store.remove(incident, visitor.conn);
		this.#lists.touch(incident);
		if (this.#personsIn(incident) !== before) this.boardTouched(incident);
		if (!visitor.attends) return;
		visitor.attends = false;
		this.#parts.left({ ...visitorIn(visitor), incident }, this.#parts.now());
	}

	#personsIn(incident: IncidentId): number {
		return personsIn(this.#store.in(incident));
	}

	#show(visitor: Visitor): void {
		const { incident } = visitor;
		if (incident === null) return;
		this.#store.put(incident, visitor.present);
		this.#lists.touch(incident);
	}

	/** What changed between the reading of the page and now is told again. */
	async #watchBoard({ socket }: Visitor): Promise<void> {
		await socket.join(boardRoom);
		this.#forgetOld();
		for (const incident of this.#recent.keys()) this.#board.touch(incident);
	}

	/** What was touched the longest ago comes first. */
	#forgetOld(): void {
		const since = performance.now() - limits.boardRecentMs;
		for (const [incident, at] of this.#recent) {
			if (at >= since) return;
			this.#recent.delete(incident);
		}
	}

	#sendLists(incidents: readonly IncidentId[]): void {
		for (const incident of incidents) {
			const people = this.#store.in(incident);
			const unsavedSince = this.#unsavedSince.get(incident) ?? null;
			const size = this.#sizes.get(incident) ?? null;
			const { isWhole } = this.#store;
			const message = { incident, people, isWhole, unsavedSince, size };
			this.#io.local.to(roomOf(incident)).emit('present', message);
		}
	}

	async #sendRows(incidents: readonly IncidentId[]): Promise<void> {
		if (!this.isBoardWatched) return;
		try {
			const rows = await this.#parts.rowsOf(incidents);
			if (rows.length > 0) this.#io.local.to(boardRoom).emit('boardChanged', { rows });
		} catch (error) {
			this.#parts.log.warn({ err: error }, 'board rows cannot be read');
			// Whoever watches comes back and reads the board anew.
			for (const visitor of this.#visitors) {
				if (visitor.socket.rooms.has(boardRoom)) visitor.sendAround();
			}
		}
	}

	/** Everybody is sent away in turn; their clients come back to whoever answers then. */
	async sayFarewell(): Promise<void> {
		await sayFarewell([...this.#visitors], (visitor) => visitor.sendAround());
	}

	/** Everybody leaves; their clients come back to whoever answers then. The HTTP server is its owner's to end. */
	async [Symbol.asyncDispose](): Promise<void> {
		this.#lists[Symbol.dispose]();
		this.#board[Symbol.dispose]();
		for (const visitor of [...this.#visitors]) {
			this.#leave(visitor);
			visitor.sendAround();
		}
		await this.#door[Symbol.asyncDispose]();
	}
}

function roomOf(incident: IncidentId): string {
	return `incident ${incident}`;
}

function visitorIn({ person, conn }: Visitor): Omit<Stay, 'incident'> {
	return { person, conn };
}
