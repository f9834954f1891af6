import type { ISql, TransactionSql } from 'postgres';
import type { DocumentId, IncidentId } from '#core/ids.ts';

/** How the world outside is told of a head. */
export type Way = 'file' | 'webhook';

/** A snapshot's head that was not told yet. */
export interface UntoldHead {
	readonly document: DocumentId;
	readonly incident: IncidentId;
	readonly number: number;
	readonly turn: number;
	readonly head: Uint8Array;
}

/** Some of the snapshots' heads that were not told this way, in the order in which they were made. */
export async function findUntold(
	sql: ISql,
	way: Way,
	most: number,
): Promise<readonly UntoldHead[]> {
	return sql<UntoldHead[]>`
		select s.document, i.id as incident, i.number, s.turn, s.head
		from snapshots s join documents d on d.id = s.document join incidents i on i.id = d.incident
		where not exists (
			select from published_heads p
			where p.document = s.document and p.turn = s.turn and p.way = ${way}
		)
		order by s.created_at, s.document, s.turn limit ${most}`;
}

/**
 * Claims the telling of a head until the transaction ends; false if somebody else is at it, or it was told
 * meanwhile. Telling may take longer than a transaction may be idle otherwise.
 */
export async function claimTelling(
	tx: TransactionSql,
	{ document, turn }: Pick<UntoldHead, 'document' | 'turn'>,
	{ way, idleMs }: { way: Way; idleMs: number },
): Promise<boolean> {
	await tx`select set_config('idle_in_transaction_session_timeout', ${String(idleMs)}, true)`;
	const key = `${document} ${turn} ${way}`;
	const [claim] = await tx<[{ isMine: boolean }]>`
		select pg_try_advisory_xact_lock(hashtextextended(${key}, 0)) as "isMine"`;
	if (!claim.isMine) return false;
	const told = await tx`
		select from published_heads
		where document = ${document} and turn = ${turn} and way = ${way}`;
	return told.length === 0;
}

/** A head was told. */
export async function noteTold(
	tx: TransactionSql,
	{ document, turn }: Pick<UntoldHead, 'document' | 'turn'>,
	way: Way,
): Promise<void> {
	await tx`
		insert into published_heads (document, turn, way) values (${document}, ${turn}, ${way})
		on conflict do nothing`;
}
