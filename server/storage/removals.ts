import type { ISql, TransactionSql } from 'postgres';
import { incidentOf, type DocumentId, type IncidentId } from '#core/ids.ts';
import type { RemovedPart } from '#core/incident/parts.ts';
import { removedMark } from '#core/removal/removal.ts';
import { needSchema } from './migrate.ts';

/** Who does not know this schema would keep what it has in memory. */
const schemaWithRemovals = 9;

/** How often something was removed for good from a document's history. */
export async function countRemovals(sql: ISql, document: DocumentId): Promise<number> {
	const [row] = await sql<{ removals: number }[]>`
		select removals from documents where id = ${document}`;
	return row?.removals ?? 0;
}

/** The turns in which a document is passed over. */
export async function readPassed(
	sql: ISql,
	document: DocumentId,
): Promise<readonly { readonly from: number; readonly to: number }[]> {
	return sql<{ from: number; to: number }[]>`
		select from_turn as from, to_turn as to from passed_turns where document = ${document}`;
}

/** The turns of which there are snapshots, from one on. */
export async function snapshotTurns(
	sql: ISql,
	document: DocumentId,
	from: number,
): Promise<readonly number[]> {
	const rows = await sql<{ turn: number }[]>`
		select turn from snapshots where document = ${document} and turn >= ${from} order by turn`;
	return rows.map(({ turn }) => turn);
}

/** A snapshot as it is derived from the history that is left. */
export interface NewSnapshot {
	readonly turn: number;
	readonly state: Uint8Array;
	readonly reading: string;
	readonly sha256: Uint8Array;
}

/** What a removal changes of all that is derived. */
export interface ForgottenTurns {
	readonly from: number;
	readonly snapshots: readonly NewSnapshot[];
	readonly parts: readonly RemovedPart[];
}

/**
 * Takes away what was derived from turns that were rewritten, `from` the first of them, and puts these
 * snapshots in the place of those that there were; their heads stay. Until the projection is written
 * anew, it says nothing of the parts that held it. The document must be locked.
 */
export async function forgetDerived(
	tx: TransactionSql,
	document: DocumentId,
	{ from, snapshots, parts }: ForgottenTurns,
): Promise<void> {
	await tx`update documents set removals = removals + 1 where id = ${document}`;
	await tx`delete from checkpoints where document = ${document} and turn >= ${from}`;
	for (const { turn, state, reading, sha256 } of snapshots) {
		await tx`
			update snapshots set state = ${state}, reading = ${reading}::text::json, sha256 = ${sha256}
			where document = ${document} and turn = ${turn}`;
	}
	const incident = incidentOf(document);
	for (const part of parts) await forgetProjected(tx, incident, part);
	// What was published shows both documents: it is derived anew.
	await tx`delete from retro_versions where incident = ${incident}`;
	// The digest of the request that declared it: what that said could be guessed from it.
	await tx`update incidents set print = null where id = ${incident}`;
	await needSchema(tx, schemaWithRemovals);
}

async function forgetProjected(
	tx: TransactionSql,
	incident: IncidentId,
	part: RemovedPart,
): Promise<void> {
	switch (part) {
		case 'entries':
			await tx`delete from projected_entries where incident = ${incident}`;
			return;
		case 'tasks':
			await tx`delete from projected_tasks where incident = ${incident}`;
			return;
		case 'impact':
			await tx`update projected_incidents set impact = '' where incident = ${incident}`;
			return;
		case 'record':
			await tx`
				update projected_incidents set title = ${removedMark} where incident = ${incident}`;
			await tx`delete from projected_services where incident = ${incident}`;
			return;
		case 'findings':
			await tx`delete from projected_findings where incident = ${incident}`;
			await tx`delete from projected_causes where incident = ${incident}`;
			return;
		case 'theory':
		case 'notes':
		case 'report':
			return; // no list shows them
		default:
			part satisfies never;
	}
}
