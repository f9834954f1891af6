import type { PersonId } from '#core/ids.ts';
import { limits } from '#server/limits.ts';
import type { HotDocument } from '../hot.ts';

/**
 * Client ids that were seen beside a caret before they wrote anything: they belong to whom they were
 * seen at, as long as they are in use and a while longer. A person's oldest make room for newer ones.
 */
export class IdleClients {
	readonly #byPerson = new Map<PersonId, Set<number>>();
	readonly #isInUse: (client: number) => boolean;

	constructor(isInUse: (client: number) => boolean) {
		this.#isInUse = isInUse;
	}

	/** The client id belongs to this person, unless it is known already. */
	bind(client: number, person: PersonId, hot: HotDocument): void {
		if (hot.clients.has(client)) return;
		hot.clients.set(client, person);
		const own = this.#byPerson.get(person) ?? new Set();
		this.#byPerson.set(person, own.add(client));
		for (const old of own) {
			if (own.size <= limits.idleClients) return;
			if (old === client || this.#isInUse(old)) continue;
			own.delete(old);
			const hasWritten = hot.kept.has(old) || hot.clockOf(old) > 0;
			if (!hasWritten && hot.clients.get(old) === person) hot.clients.delete(old);
		}
	}
}
