import type { ISql, TransactionSql } from 'postgres';
import { roomDocumentOf, type IncidentId, type PersonId } from '#core/ids.ts';

/** How a source names an incident. */
export interface SourceName {
	readonly source: string;
	readonly sourceId: string;
}

/** An incident that was imported before from this source. */
export interface KnownImport extends SourceName {
	readonly incident: IncidentId;
	readonly number: number;
	/** A digest of what the source said of it then. */
	readonly print: string;
}

/** Keeps other imports out until this transaction ends: two at once would bring the same incidents. */
export async function lockImports(tx: TransactionSql): Promise<void> {
	// Making the documents may take longer than a transaction may be idle otherwise.
	await tx`select set_config('idle_in_transaction_session_timeout', '60s', true)`;
	await tx`lock table imported_incidents in share row exclusive mode`;
}

/** Which of these incidents were imported before. */
export async function findImported(
	sql: ISql,
	names: readonly SourceName[],
): Promise<readonly KnownImport[]> {
	return sql<KnownImport[]>`
		select source, source_id as "sourceId", known.incident, number, known.print
		from unnest(
			${names.map(({ source }) => source)}::text[],
			${names.map(({ sourceId }) => sourceId)}::text[]
		) as asked (source, source_id)
		join imported_incidents known using (source, source_id)
		join incidents on incidents.id = known.incident`;
}

/** Gives incidents their numbers, in this order. */
export async function insertIncidents(
	tx: TransactionSql,
	incidents: readonly IncidentId[],
	{ by, at }: { readonly by: PersonId; /** Microseconds since 1970. */ readonly at: number },
): Promise<ReadonlyMap<IncidentId, number>> {
	const rows = await tx<{ id: IncidentId; number: number }[]>`
		insert into incidents (id, declared_by, created_at)
		select id, ${by}, timestamptz 'epoch' + ${at}::int8 * interval '1 microsecond'
		from unnest(${[...incidents]}::uuid[]) with ordinality as given (id, place) order by place
		returning id, number`;
	return new Map(rows.map(({ id, number }) => [id, number]));
}

/** An incident of one turn that is about to be written. */
export interface ImportedIncident extends SourceName {
	readonly id: IncidentId;
	readonly print: string;
	readonly nonce: string;
	/** The turn's edits, and its place in the chain. */
	readonly edits: Uint8Array;
	readonly salt: Uint8Array;
	readonly digest: Uint8Array;
	readonly head: Uint8Array;
	readonly isSealed: boolean;
}

/** Writes the documents of incidents that have their numbers, each with its first turn, and where they come from. */
export async function insertImported(
	tx: TransactionSql,
	incidents: readonly ImportedIncident[],
	{ by, at }: { readonly by: PersonId; readonly at: number },
): Promise<void> {
	const column = <T>(of: (one: ImportedIncident) => T): T[] => incidents.map(of);
	const instant = tx`timestamptz 'epoch' + ${at}::int8 * interval '1 microsecond'`;
	const ids = column(({ id }) => id);
	const documents = column(({ id }) => roomDocumentOf(id));
	const heads = column(({ head }) => hexOf(head));
	await tx`
		insert into documents (id, incident, kind, turn, at, head, sealed_at)
		select document, incident, 'room', 1, ${instant}, decode(head, 'hex'),
			case when is_sealed = 'yes' then ${instant} end
		from unnest(
			${documents}::uuid[], ${ids}::uuid[], ${heads}::text[],
			${column(({ isSealed }) => (isSealed ? 'yes' : 'no'))}::text[]
		) as given (document, incident, head, is_sealed)`;
	await tx`
		insert into journal (document, turn, at, edits, nonce, salt, digest, head)
		select document, 1, ${instant}, decode(edits, 'hex'), nonce, decode(salt, 'hex'),
			decode(digest, 'hex'), decode(head, 'hex')
		from unnest(
			${documents}::uuid[], ${column(({ edits }) => hexOf(edits))}::text[],
			${column(({ nonce }) => nonce)}::uuid[], ${column(({ salt }) => hexOf(salt))}::text[],
			${column(({ digest }) => hexOf(digest))}::text[], ${heads}::text[]
		) as given (document, edits, nonce, salt, digest, head)`;
	await tx`
		insert into imported_incidents (source, source_id, incident, print, imported_by)
		select source, source_id, incident, print, ${by} from unnest(
			${column(({ source }) => source)}::text[], ${column(({ sourceId }) => sourceId)}::text[],
			${ids}::uuid[], ${column(({ print }) => print)}::text[]
		) as given (source, source_id, incident, print)`;
}

/** Lists of bytes are no type that our arrays know. */
function hexOf(bytes: Uint8Array): string {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}
