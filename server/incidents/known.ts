import type { ISql } from 'postgres';
import type { IncidentId, PersonId } from '#core/ids.ts';
import type { NameOf } from '#core/incident/reading.ts';
import { Refusal } from '#core/refusal.ts';
import { limits } from '#server/limits.ts';
import { readKnownIncident, type KnownIncident } from '#server/storage/provenance.ts';

/**
 * What incidents are called here and where they come from. That never changes, so what was read once is
 * known also while the store is away.
 */
export class KnownIncidents {
	readonly #sql: ISql;
	readonly #nameOf: NameOf;
	readonly #known = new Map<IncidentId, KnownIncident>();

	/** `nameOf` tells who is who here. */
	constructor(sql: ISql, nameOf: NameOf) {
		this.#sql = sql;
		this.#nameOf = nameOf;
	}

	/** Throws a `Refusal` if there is no such incident. */
	async of(incident: IncidentId): Promise<KnownIncident> {
		const known = this.#known.get(incident) ?? (await readKnownIncident(this.#sql, incident));
		if (!known) throw new Refusal('unknown', 'There is no such incident.');
		this.#known.delete(incident);
		this.#known.set(incident, known);
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
