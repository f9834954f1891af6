import type { IncidentId } from '#core/ids.ts';
import type { NameOf } from '#core/incident/reading.ts';
import type { BoardRow } from '#core/wire.ts';
import type { ProjectedIncident } from '#server/storage/projection.ts';

/** What the board shows beside what is stored. */
export interface BoardParts {
	readonly nameOf: NameOf;
	/** How many people are in an incident's room now. */
	readonly peopleIn: (incident: IncidentId) => number;
}

/** One incident as the board shows it. */
export function boardRow(incident: ProjectedIncident, parts: BoardParts): BoardRow {
	const { id, number, title, kind, severity, status, declaredAt, impact, emptyRoles } = incident;
	const { commander } = incident;
	return {
		id,
		number,
		title,
		kind,
		severity,
		status,
		declaredAt,
		impact,
		commander: commander && { id: commander, name: parts.nameOf(commander) },
		emptyRoles,
		people: parts.peopleIn(id),
	};
}
