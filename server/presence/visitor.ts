import type { IncidentId, PersonId } from '#core/ids.ts';
import type { Present } from '#core/wire.ts';
import { Allowance } from '#server/allowance.ts';
import { limits } from '#server/limits.ts';
import type { PresenceSocket } from './door.ts';

/** Somebody on one connection. Who they are and when they came is the server's word, never the client's. */
export class Visitor {
	readonly socket: PresenceSocket;
	/** The room that they are in, or null. */
	incident: IncidentId | null = null;
	/** Since when they are in it, epoch ms. */
	since = 0;
	place: string | null = null;
	/** Whether they are in the room itself, not in its retrospective. */
	attends = false;
	isIdle = false;
	readonly #allowance: Allowance;
	#last: Promise<void> = Promise.resolve();

	constructor(socket: PresenceSocket) {
		this.socket = socket;
		this.#allowance = new Allowance(limits.presenceEvents, performance.now());
	}

	get conn(): string {
		return this.socket.id;
	}

	get person(): PersonId {
		return this.socket.data.identity.person.id;
	}

	get session(): string | null {
		return this.socket.data.identity.session;
	}

	/** Whether they may send one more event. */
	mayGoOn(): boolean {
		return this.#allowance.take(performance.now());
	}

	/** Does one thing after the other, in the order in which they were sent. */
	inTurn(work: () => Promise<void>): void {
		this.#last = this.#last.then(work);
	}

	/** What others see. */
	get present(): Present {
		const { id: person, name } = this.socket.data.identity.person;
		const { conn, place, since, isIdle: idle } = this;
		return { person, name, conn, place, since, idle };
	}

	/** Ends the connection; a client comes back by itself, as whoever it is then. */
	sendAround(): void {
		this.socket.conn.close();
	}

	/** Ends the connection for good: a client stays away. */
	dismiss(): void {
		this.socket.disconnect(true);
	}
}
