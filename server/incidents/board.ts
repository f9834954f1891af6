import type { IncidentId } from '#core/ids.ts';
import type { NameOf } from '#core/incident/reading.ts';
import type { BoardRow } from '#core/wire.ts';
import type { ProjectedIncident } from '#server/storage/projection.ts';

/** What the board shows beside what is stored. */
export interface BoardParts {
	readonly nameOf: NameOf;
	/** How many people are in each of some incidents' rooms now. */
	readonly counts: (incidents: readonly IncidentId[]) => Promise<ReadonlyMap<IncidentId, number>>;
}

/** Incidents as the board shows them. */
export async function boardRows(
	incidents: readonly ProjectedIncident[],
	{ nameOf, counts }: BoardParts,
): Promise<BoardRow[]> {
	const people = await counts(incidents.map(({ id }) => id));
	return incidents.map((incident) => {
		const { id, number, title, kind, severity, status, declaredAt, impact, emptyRoles } = incident;
		const { commander } = incident;
		return {
			...{ id, number, title, kind, severity, status, declaredAt, impact, emptyRoles },
			commander: commander && { id: commander, name: nameOf(commander) },
			people: people.get(id) ?? 0,
		};
	});
}
