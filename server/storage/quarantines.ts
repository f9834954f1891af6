import type { ISql, TransactionSql } from 'postgres';
import type { DocumentId, PersonId } from '#core/ids.ts';
import { epochMs } from '#core/time.ts';
import { readTurnTime } from './places.ts';

/** A document that could not be opened whole. */
export interface Quarantine {
	/** The last turn that can be opened, 0 for none. */
	readonly turn: number;
	/** That turn's instant, in epoch ms. */
	readonly asOf: number;
	/** What is known of why, for operators. */
	readonly why: string;
	/** How long ago it was tried last, in ms. */
	readonly triedMsAgo: number;
}

/** What is known of a document that could not be opened whole; null if it is not one. */
export async function readQuarantine(sql: ISql, document: DocumentId): Promise<Quarantine | null> {
	const [row] = await sql<Omit<Quarantine, 'asOf'>[]>`
		select turn, why, (extract(epoch from now() - tried_at) * 1000)::int8 as "triedMsAgo"
		from quarantines where document = ${document}`;
	if (!row) return null;
	return { ...row, asOf: epochMs((await readTurnTime(sql, document, row.turn)) ?? 0) };
}

/**
 * Takes note that a document, which must be locked, cannot be opened beyond a turn; true if that was not
 * known. What was found out before turns were left out (`passed` is how often that had been) is passed over.
 */
export async function keepQuarantine(
	tx: TransactionSql,
	document: DocumentId,
	{ turn, why, passed }: Pick<Quarantine, 'turn' | 'why'> & { passed: number },
): Promise<boolean> {
	const [row] = await tx<{ isNew: boolean }[]>`
		insert into quarantines (document, turn, why) select ${document}, ${turn}, ${why}
		where (select count(*) from passed_turns where document = ${document}) = ${passed}
		on conflict (document) do update
		set turn = excluded.turn, why = excluded.why, tried_at = now()
		returning found_at = tried_at as "isNew"`;
	return row?.isNew ?? false;
}

/** A document can be opened again; gives what was known, null if it could all the time. */
export async function endQuarantine(
	sql: ISql,
	document: DocumentId,
): Promise<Pick<Quarantine, 'turn' | 'why'> | null> {
	const [row] = await sql<{ turn: number; why: string }[]>`
		delete from quarantines where document = ${document} returning turn, why`;
	return row ?? null;
}

/** How many documents cannot be opened whole. */
export async function countQuarantines(sql: ISql): Promise<number> {
	const [row] = await sql<[{ count: number }]>`select count(*)::int8 as count from quarantines`;
	return row.count;
}

/** How often turns of a document were left out for good. */
export async function countPassed(sql: ISql, document: DocumentId): Promise<number> {
	const [row] = await sql<[{ count: number }]>`
		select count(*)::int8 as count from passed_turns where document = ${document}`;
	return row.count;
}

/** Leaves turns out for good. The document must be locked; checkpoints that hold them go. */
export async function passOver(
	tx: TransactionSql,
	document: DocumentId,
	turns: { from: number; to: number; by: PersonId; why: string },
): Promise<void> {
	const { from, to, by, why } = turns;
	await tx`
		insert into passed_turns (document, from_turn, to_turn, by, why)
		values (${document}, ${from}, ${to}, ${by}, ${why})`;
	await tx`delete from checkpoints where document = ${document} and turn >= ${from}`;
}

/** The turns that were left out for good, decision by decision; `at` in epoch ms. */
export async function readLeftOut(
	sql: ISql,
	document: DocumentId,
): Promise<readonly { from: number; to: number; at: number; why: string }[]> {
	return sql<{ from: number; to: number; at: number; why: string }[]>`
		select from_turn as from, to_turn as to, why, (extract(epoch from at) * 1000)::int8 as at
		from passed_turns where document = ${document} order by passed_turns.at`;
}
