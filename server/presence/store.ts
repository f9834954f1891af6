import type { IncidentId } from '#core/ids.ts';
import type { Present } from '#core/wire.ts';

/** Who is where. */
export interface PresenceStore {
	/** Lets somebody in, or says where they are now. */
	put(incident: IncidentId, present: Present): void;
	remove(incident: IncidentId, conn: string): void;
	/** Everybody in a room, in the order in which they came. */
	in(incident: IncidentId): readonly Present[];
}

/** Presence of one process, in its memory: nothing of it outlives the process, as nobody's connection does. */
export class ProcessPresence implements PresenceStore {
	readonly #rooms = new Map<IncidentId, Map<string, Present>>();

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
}
