import type { ISql, TransactionSql } from 'postgres';
import type { DocumentId, PersonId } from '#core/ids.ts';

/** To whom each client id of a document belongs. */
export async function readClients(sql: ISql, document: DocumentId): Promise<Map<number, PersonId>> {
	const rows = await sql<{ client: number; person: PersonId }[]>`
		select client, person from clients where document = ${document}`;
	return new Map(rows.map((row) => [row.client, row.person]));
}

/** Binds client ids to persons with their first committed struct. The document must be locked. */
export async function bindClients(
	tx: TransactionSql,
	document: DocumentId,
	bindings: ReadonlyMap<number, PersonId>,
): Promise<void> {
	if (bindings.size === 0) return;
	await tx`
		insert into clients (document, client, person)
		select ${document}, * from unnest(
			${[...bindings.keys()]}::int8[], ${[...bindings.values()]}::uuid[])
		on conflict do nothing`;
}

/** To whom some client ids belong, those that belong to nobody left out. */
export async function readOwners(
	sql: ISql,
	document: DocumentId,
	clients: readonly number[],
): Promise<[number, PersonId][]> {
	const rows = await sql<{ client: number; person: PersonId }[]>`
		select client, person from clients
		where document = ${document} and client = any(${[...clients]}::int8[])`;
	return rows.map((row) => [row.client, row.person]);
}
