import type { IncidentId, PersonId } from '#core/ids.ts';
import type { KnownIncidents } from '#server/incidents/known.ts';

export interface NamesParts {
	readonly known: Pick<KnownIncidents, 'of' | 'namesIn'>;
	/** Everybody of this installation. */
	readonly people: { readonly all: readonly { readonly id: PersonId }[] };
}

/** Everybody whose name can stand in an incident, as they are called in it. */
export async function peopleIn(
	{ known, people }: NamesParts,
	incident: IncidentId,
): Promise<readonly { readonly id: PersonId; readonly name: string }[]> {
	const { sourcePeople } = await known.of(incident);
	const nameOf = await known.namesIn(incident);
	const ids = new Set([...people.all.map(({ id }) => id), ...sourcePeople.map(([id]) => id)]);
	return Array.from(ids, (id) => ({ id, name: nameOf(id) }));
}
