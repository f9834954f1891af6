import type { IncidentId } from '#core/ids.ts';
import type { Present } from '#core/wire.ts';

/** Who is where. */
export interface PresenceStore {
	/** Whether it knows of everybody; false while other nodes' people cannot be seen. */
	readonly isWhole: boolean;
	/** Lets somebody of this node in, or says where they are now. */
	put(incident: IncidentId, present: Present): void;
	/** Somebody of this node is gone. */
	remove(incident: IncidentId, conn: string): void;
	/** Everybody in a room that somebody of this node is in, in the order in which they came. */
	in(incident: IncidentId): readonly Present[];
	/** How many persons are in each of some rooms, whoever is in them; three tabs are one person. */
	counts(incidents: readonly IncidentId[]): Promise<ReadonlyMap<IncidentId, number>>;
	/** Hears in which rooms something changed elsewhere, and whether somebody came or went. */
	onChange(hear: (incident: IncidentId, haveCome: boolean) => void): void;
}

/** Presence of one process, in its memory: nothing of it outlives the process, as nobody's connection does. */
export class ProcessPresence implements PresenceStore {
	readonly isWhole = true;
	readonly #rooms = new Map<IncidentId, Map<string, Present>>();

	/** The rooms that somebody is in. */
	get rooms(): Iterable<IncidentId> {
		return this.#rooms.keys();
	}

	has(incident: IncidentId): boolean {
		return this.#rooms.has(incident);
	}

	put(incident: IncidentId, present: Present): void {
		const room = this.#rooms.get(incident);
		if (room) room.set(present.conn, present);
		else this.#rooms.set(incident, new Map([[present.conn, present]]));
	}

	remove(incident: IncidentId, conn: string): void {
		const room = this.#rooms.get(incident);
		room?.delete(conn);
		if (room?.size === 0) this.#rooms.delete(incident);
	}

	in(incident: IncidentId): readonly Present[] {
		return [...(this.#rooms.get(incident)?.values() ?? [])];
	}

	async counts(incidents: readonly IncidentId[]): Promise<ReadonlyMap<IncidentId, number>> {
		return new Map(incidents.map((incident) => [incident, personsIn(this.in(incident))]));
	}

	onChange(): void {
		// Nobody else changes anything here.
	}
}

/** How many persons these are. */
export function personsIn(people: readonly Present[]): number {
	return new Set(people.map(({ person }) => person)).size;
}
