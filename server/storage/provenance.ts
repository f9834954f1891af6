import type { ISql, TransactionSql } from 'postgres';
import type { IncidentId, PersonId } from '#core/ids.ts';
import { needSchema } from './migrate.ts';

/** Where an incident comes from that another Muster has exported. */
export interface Provenance {
	/** What the other Muster calls itself, and the incident's number there. */
	readonly source: string;
	readonly sourceNumber: number;
	readonly importedBy: PersonId;
	/** Epoch ms. */
	readonly importedAt: number;
	/** The last turn that came. */
	readonly turn: number;
	/** The last turn for which a head vouches that whoever imported it knew. */
	readonly knownTurn: number | null;
}

/** What an incident is called here, and where it comes from if that is not here. */
export interface KnownIncident {
	readonly number: number;
	readonly provenance: Provenance | null;
	/** Whom an imported history names, as they are called there. */
	readonly sourcePeople: readonly (readonly [PersonId, string])[];
}

/** An incident's number and where it comes from; neither ever changes. Null if there is none. */
export async function readKnownIncident(
	sql: ISql,
	incident: IncidentId,
): Promise<KnownIncident | null> {
	const [row] = await sql<(Provenance & { number: number; isImported: boolean })[]>`
		select number, p.incident is not null as "isImported", source,
			source_number as "sourceNumber", imported_by as "importedBy",
			(extract(epoch from imported_at) * 1000)::int8 as "importedAt",
			turn, known_turn as "knownTurn"
		from incidents i left join provenance p on p.incident = i.id where i.id = ${incident}`;
	if (!row) return null;
	const { number, isImported, ...provenance } = row;
	if (!isImported) return { number, provenance: null, sourcePeople: [] };
	const people = await sql<{ person: PersonId; name: string }[]>`
		select person, name from source_people where incident = ${incident} order by name, person`;
	return { number, provenance, sourcePeople: people.map(({ person, name }) => [person, name]) };
}

/** Keeps where an incident comes from, and whom it names. */
export async function keepProvenance(
	tx: TransactionSql,
	incident: IncidentId,
	kept: Omit<Provenance, 'importedAt'> & {
		readonly head: Uint8Array;
		readonly people: ReadonlyMap<PersonId, string>;
	},
): Promise<void> {
	const { source, sourceNumber, importedBy, turn, head, knownTurn, people } = kept;
	await tx`
		insert into provenance (incident, source, source_number, imported_by, turn, head, known_turn)
		values (${incident}, ${source}, ${sourceNumber}, ${importedBy}, ${turn}, ${head}, ${knownTurn})`;
	await tx`
		insert into source_people (incident, person, name)
		select ${incident}, * from unnest(
			${[...people.keys()]}::uuid[], ${[...people.values()]}::text[])`;
	// Nodes that know nothing of this would take the source's people for ours.
	await needSchema(tx, 8);
}
