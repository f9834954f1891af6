import { ulidSource, type DocumentId, type PersonId } from '#core/ids.ts';
import type { Person } from '#core/response/access.ts';
import type { Logger } from '#server/log.ts';
import { Rooms } from '#server/sync/rooms.ts';
import { nameOf } from '../record.ts';
import type { Dial } from '../client.ts';
import { SimulatedDisk } from './disk.ts';
import { type Connection, dialTo } from './network.ts';
import { openUntried } from './opening.ts';
import type { SimulatedFeed } from './feed.ts';
import type { SimulatedStore } from './store.ts';
import { Host, type SimulatedTime } from './time.ts';

/** What all nodes of a simulation share. */
export interface World {
	readonly time: SimulatedTime;
	readonly store: SimulatedStore;
	readonly feed: SimulatedFeed;
	readonly random: () => number;
	readonly log: Logger;
}

/** A Muster whose rooms are the real ones: it is started, killed, frozen, and started again on its disk. */
export class SimulatedNode {
	readonly name: string;
	readonly disk: SimulatedDisk;
	rooms: Rooms | null = null;
	readonly #world: World;
	readonly #connections = new Set<Connection>();
	#host: Host;
	#dialled = 0;

	constructor(name: string, world: World) {
		this.name = name;
		this.#world = world;
		this.disk = new SimulatedDisk(world.time);
		this.#host = new Host(world.time);
		this.#host.isGone = true;
	}

	/** Listens, once it has delivered what its disk holds. */
	get isUp(): boolean {
		return this.rooms !== null;
	}

	start(): void {
		const { time, store, feed, random, log } = this.#world;
		const host = new Host(time);
		this.#host = host;
		const journal = store.journalFor(host);
		const rooms = new Rooms({
			journal,
			open: (document) => openUntried(journal, document),
			backlogs: this.disk.backlogsFor(host),
			clock: host.clock,
			feed: feed.feedFor(host),
			log,
			id: ulidSource(
				() => time.now,
				(bytes) => bytes.map((_, i) => (bytes[i] = Math.floor(random() * 256))),
			),
			namesIn: async () => nameOf,
			notice: () => undefined,
			unsaved: () => undefined,
			sized: () => undefined,
			unloaded: () => undefined,
		});
		void rooms.start().then(() => {
			if (!host.isGone) this.rooms = rooms;
		});
	}

	/** It is gone in the middle of whatever it does, its disk stays. */
	kill(): void {
		this.#host.isGone = true;
		this.rooms = null;
		for (const connection of this.#connections) connection.break();
		this.#connections.clear();
	}

	/** For so long it does nothing, and does not know. */
	freeze(ms: number): void {
		this.#host.freeze(ms);
	}

	/** It ends in order; until then nobody else may have its disk. */
	async stop(): Promise<void> {
		const { rooms } = this;
		this.rooms = null;
		await rooms?.close();
		this.kill();
	}

	/** A connection to a document's room, as a person. */
	dial(document: DocumentId, person: Person): Dial {
		const parts = { ...this.#world, host: this.#host };
		return dialTo(parts, (connection) => {
			const { rooms } = this;
			this.#connections.add(connection);
			if (!rooms) return connection.refuse();
			connection.open();
			rooms.connect(connection.wire, document, {
				person,
				session: null,
				mayWrite: true,
				wantsAck: true,
				conn: `${this.name}-${++this.#dialled}`,
			});
		});
	}
}

export function responder(id: PersonId): Person {
	return { id, name: nameOf(id), kind: 'user', access: 'responder' };
}
