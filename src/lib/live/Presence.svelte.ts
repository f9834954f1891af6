import type { Socket } from 'socket.io-client';
import type { IncidentId, PersonId } from '#core/ids.ts';
import { protocolVersion } from '#core/protocol.ts';
import type { DocumentSize, Present, PresentMessage } from '#core/wire.ts';
import { watchIdle } from './idle.ts';

/** A line between servers that breaks for shorter than this is nobody's concern. */
const aloneAfterMs = 2_000;

/** Who is in the room and what each is in, over socket.io, which is loaded when the room is open. */
export class Presence {
	readonly #incident: IncidentId;
	readonly #onConnection: (isConnected: boolean) => void;
	readonly #onStore: (awaySince: number | null) => void;
	#people = $state.raw<readonly Present[]>([]);
	#size = $state.raw<DocumentSize | null>(null);
	#isAlone = $state(false);
	#aloneTimer: ReturnType<typeof setTimeout> | null = null;
	#socket: Socket | null = null;
	#place: string | null = null;
	#isIdle = false;
	#isOver = false;
	#stopWatching: (() => void) | null = null;

	/** `hears` of its line, and since when the server cannot save what it takes (epoch ms). */
	constructor(
		incident: IncidentId,
		hears: {
			connection: (isConnected: boolean) => void;
			store: (awaySince: number | null) => void;
		},
	) {
		this.#incident = incident;
		this.#onConnection = hears.connection;
		this.#onStore = hears.store;
	}

	/** One line a person, in the order in which they came. */
	get people(): readonly Present[] {
		return this.#people;
	}

	/** What there is to know of the document's size, or null. */
	get size(): DocumentSize | null {
		return this.#size;
	}

	/** The people of other servers have not been seen for a while. */
	get isAlone(): boolean {
		return this.#isAlone;
	}

	async open(): Promise<void> {
		const { io } = await import('socket.io-client');
		if (this.#isOver) return;
		const socket = io({
			path: '/socket.io',
			transports: ['websocket'],
			query: { v: protocolVersion },
			reconnectionDelayMax: 5_000,
		});
		this.#socket = socket;
		socket.on('connect', () => {
			this.#onConnection(true);
			socket.emit('enter', { incident: this.#incident });
			if (this.#place !== null || this.#isIdle) this.#tell();
		});
		socket.on('disconnect', () => this.#onConnection(false));
		this.#stopWatching = watchIdle((isIdle) => {
			this.#isIdle = isIdle;
			this.#tell();
		});
		socket.on('present', (message: PresentMessage) => {
			if (message.incident !== this.#incident) return;
			this.#people = onePerPerson(message.people);
			this.#onStore(message.unsavedSince);
			this.#size = message.size;
			this.#heardWhole(message.isWhole);
		});
	}

	#heardWhole(isWhole: boolean): void {
		if (isWhole) {
			if (this.#aloneTimer) clearTimeout(this.#aloneTimer);
			this.#aloneTimer = null;
			this.#isAlone = false;
		} else this.#aloneTimer ??= setTimeout(() => (this.#isAlone = true), aloneAfterMs);
	}

	/** Tells the others what I am in. */
	moveTo(place: string | null): void {
		if (place === this.#place) return;
		this.#place = place;
		this.#tell();
	}

	/** What is told while there is no connection is told again once there is one. */
	#tell(): void {
		if (!this.#socket?.connected) return;
		this.#socket.emit('where', { place: this.#place, idle: this.#isIdle });
	}

	[Symbol.dispose](): void {
		this.#isOver = true;
		this.#stopWatching?.();
		this.#socket?.disconnect();
		this.#socket = null;
		this.#heardWhole(true);
		this.#people = [];
	}
}

/** A person with three tabs is one person: the tab that is in something speaks for them. */
function onePerPerson(people: readonly Present[]): readonly Present[] {
	const byPerson = new Map<PersonId, Present>();
	for (const one of people) {
		const other = byPerson.get(one.person);
		if (!other || (other.place === null && one.place !== null) || (other.idle && !one.idle)) {
			byPerson.set(one.person, one);
		}
	}
	return [...byPerson.values()].sort((a, b) => a.since - b.since);
}
