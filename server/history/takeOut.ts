import type { Sql } from 'postgres';
import type * as Y from 'yjs';
import { roomDocumentOf, type DocumentId, type IncidentId } from '#core/ids.ts';
import { readIncident } from '#core/incident/reading.ts';
import type { Person } from '#core/response/access.ts';
import type { Exported } from '#core/review/export/exported.ts';
import type { ExportFormat } from '#core/review/export/formats.ts';
import type { KnownIncidents } from '#server/incidents/known.ts';
import { patiently } from '#server/storage/away.ts';
import { noteExport } from '#server/storage/exports.ts';
import { readHistory } from '#server/storage/history.ts';

export interface TakeOutParts {
	readonly sql: Sql;
	readonly known: Pick<KnownIncidents, 'of' | 'namesIn'>;
	readonly rooms: {
		read<T>(document: DocumentId, look: (doc: Y.Doc, turn: number) => T): Promise<T>;
	};
	/** The address that people use. */
	readonly publicUrl: string;
	/** Epoch ms. */
	readonly now: () => number;
}

/** An incident after one turn of its history, to be taken out of here. */
export interface TakenOut extends Exported {
	readonly document: DocumentId;
	readonly turn: number;
	/** The chain's head after that turn. */
	readonly head: Uint8Array;
	readonly by: Person;
}

/** An incident as it is now, for somebody who takes it out of here; that is noted. */
export async function takeOut(
	parts: TakeOutParts,
	incident: IncidentId,
	{ by, format }: { by: Person; format: ExportFormat },
): Promise<TakenOut> {
	const { sql, publicUrl, now } = parts;
	const { number, nameOf, reading, turn, head } = await patiently(() => readWhole(parts, incident));
	// Once: nobody can tell whether one that was not answered was written.
	await noteExport(sql, incident, { by: by.id, format, turn, head });
	const document = roomDocumentOf(incident);
	const url = `${publicUrl}/i/${number}`;
	return { id: incident, document, number, reading, nameOf, url, at: now(), by, turn, head };
}

async function readWhole({ sql, known, rooms }: TakeOutParts, incident: IncidentId) {
	const { number } = await known.of(incident);
	const nameOf = await known.namesIn(incident);
	const document = roomDocumentOf(incident);
	const { reading, turn } = await rooms.read(document, (doc, last) => ({
		reading: readIncident(doc, nameOf),
		turn: last,
	}));
	const head = await headAt(sql, document, turn);
	return { number, nameOf, reading, turn, head };
}

/** The chain's head after a turn. Throws if there is none. */
export async function headAt(sql: Sql, document: DocumentId, turn: number): Promise<Uint8Array> {
	for await (const { head } of readHistory(sql, document, turn - 1)) return head;
	throw new Error(`There is no turn ${turn}.`);
}
