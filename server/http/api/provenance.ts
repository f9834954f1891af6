import { z } from '@hono/zod-openapi';
import type { IncidentId } from '#core/ids.ts';
import type { NameOf } from '#core/incident/reading.ts';
import { sourceName, type KnownIncidents } from '#server/incidents/known.ts';
import { instantField, isoOf, named, namedField } from './reading.ts';

/** Where an incident was imported from, and whom it brought along. */
export const importedFrom = z
	.object({
		source: z.string(),
		number: z.int(),
		at: instantField,
		by: namedField,
		/** Whether a head that the importer knew vouches for what came, and up to which turn. */
		headKnown: z.boolean(),
		turns: z.int(),
		knownTurn: z.int().nullable(),
		/** People of the source, not of here, as they are called in this incident. */
		people: z.array(namedField),
	})
	.openapi('ImportedFrom');

/** What an incident is called here, where it comes from, and who is called how in it. */
export async function originOf(
	known: Pick<KnownIncidents, 'of' | 'namesIn'>,
	incident: IncidentId,
	nameOf: NameOf,
): Promise<{ number: number; importedFrom: z.infer<typeof importedFrom> | null; names: NameOf }> {
	const { number, provenance, sourcePeople } = await known.of(incident);
	const names = await known.namesIn(incident);
	if (!provenance) return { number, importedFrom: null, names };
	const { source, sourceNumber, importedAt, importedBy, turn, knownTurn } = provenance;
	return {
		number,
		names,
		importedFrom: {
			source,
			number: sourceNumber,
			at: isoOf(importedAt),
			by: named(importedBy, nameOf),
			headKnown: knownTurn !== null,
			turns: turn,
			knownTurn,
			people: sourcePeople.map(([id, name]) => ({ id, name: sourceName(name, source) })),
		},
	};
}
