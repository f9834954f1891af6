import type { ISql } from 'postgres';
import type { IncidentId, PersonId } from '#core/ids.ts';
import type { NameOf } from '#core/incident/reading.ts';
import { Refusal } from '#core/refusal.ts';
import { limits } from '#server/limits.ts';
import { isStoreAway } from '#server/storage/away.ts';
import { readKnownIncident, type KnownIncident } from '#server/storage/provenance.ts';

/** So long what was read is believed. */
const believedMs = 60_000;
const monotonic = (): number => performance.now();

/**
 * What incidents are called here and where they come from. That changes only where one is deleted and
 * imported again, so what was read is believed for a while, and for longer while the store is away.
 */
export class KnownIncidents {
	readonly #sql: ISql;
	readonly #nameOf: NameOf;
	readonly #known = new Map<IncidentId, { readonly it: KnownIncident; readonly readAt: number }>();
	readonly #now: () => number;

	/** `nameOf` tells who is who here. */
	constructor(sql: ISql, nameOf: NameOf, now: () => number = monotonic) {
		this.#now = now;
		this.#sql = sql;
		this.#nameOf = nameOf;
	}

	/** Throws a `Refusal` if there is no such incident. */
	async of(incident: IncidentId): Promise<KnownIncident> {
		const known = this.#known.get(incident);
		if (known && this.#now() - known.readAt < believedMs) return known.it;
		return this.#read(incident, known?.it);
	}

	/** It is read again when somebody asks: it may be another one now, under another number. */
	drop(incident: IncidentId): void {
		this.#known.delete(incident);
	}

	async #read(incident: IncidentId, before: KnownIncident | undefined): Promise<KnownIncident> {
		let known: KnownIncident | null;
		try {
			known = await readKnownIncident(this.#sql, incident);
		} catch (error) {
			if (before && isStoreAway(error)) return before;
			throw error;
		}
		this.#known.delete(incident);
		if (!known) throw new Refusal('unknown', 'There is no such incident.');
		this.#known.set(incident, { it: known, readAt: this.#now() });
		const [oldest] = this.#known.keys();
		if (oldest !== undefined && this.#known.size > limits.knownIncidents)
			this.#known.delete(oldest);
		return known;
	}

	/** Joins names for one incident: whom it brought along is never taken for somebody of here. */
	async namesIn(incident: IncidentId): Promise<NameOf> {
		const { provenance, sourcePeople } = await this.of(incident);
		if (!provenance) return this.#nameOf;
		const names = new Map(
			sourcePeople.map(([id, name]) => [id, sourceName(name, provenance.source)]),
		);
		return (person: PersonId) => names.get(person) ?? this.#nameOf(person);
	}
}

/** “Priya (from ops.example.com)” */
export function sourceName(name: string, source: string): string {
	return `${name} (from ${source})`;
}
