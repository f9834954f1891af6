import type { ISql } from 'postgres';
import type { IncidentId, PersonId } from '#core/ids.ts';

/** Somebody took an incident out of here. */
export interface Export {
	readonly by: PersonId;
	/** Epoch ms. */
	readonly at: number;
	readonly format: string;
	/** The last turn that was in it, and the chain's head after that. */
	readonly turn: number;
	readonly head: Uint8Array;
}

/** Notes that somebody takes an incident out of here. */
export async function noteExport(
	sql: ISql,
	incident: IncidentId,
	{ by, format, turn, head }: Omit<Export, 'at'>,
): Promise<void> {
	await sql`
		insert into exports (incident, by, format, turn, head)
		values (${incident}, ${by}, ${format}, ${turn}, ${head})`;
}

/** Who took an incident out of here, the last one first. */
export async function readExports(
	sql: ISql,
	incident: IncidentId,
	most: number,
): Promise<readonly Export[]> {
	return sql<Export[]>`
		select by, (extract(epoch from at) * 1000)::int8 as at, format, turn, head
		from exports where incident = ${incident} order by id desc limit ${most}`;
}
