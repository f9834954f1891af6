import { createHash } from 'node:crypto';
import type { ISql } from 'postgres';
import type { DocumentId } from '#core/ids.ts';
import { limits } from '#server/limits.ts';
import { readTurnTime } from './places.ts';

/** A document's state after exactly this turn. */
export interface Checkpoint {
	readonly turn: number;
	/** How many edits the journal holds up to this turn. */
	readonly edits: number;
	/** Yjs V2. */
	readonly state: Uint8Array;
}

/**
 * The newest checkpoint of a document, at or before a turn if one is given, with its turn's instant
 * in microseconds; null if there is none.
 * One that was damaged (its SHA-256 does not fit), or whose maker did not know of turns that are passed
 * over, is left for the next older one.
 */
export async function newestCheckpoint(
	sql: ISql,
	document: DocumentId,
	upTo: number = Number.MAX_SAFE_INTEGER,
): Promise<(Checkpoint & { readonly at: number }) | null> {
	for (let before = upTo; ;) {
		const [row] = await sql<(Checkpoint & { sha256: Uint8Array })[]>`
			select turn, edits, state, sha256 from checkpoints c
			where document = ${document} and turn <= ${before} and ${knowsAllPassed(sql)}
			order by turn desc limit 1`;
		if (!row) return null;
		const { sha256, ...checkpoint } = row;
		const isIntact = sha256Of(row.state).equals(sha256);
		const at = isIntact ? await readTurnTime(sql, document, row.turn) : null;
		if (at !== null) return { ...checkpoint, at };
		before = row.turn - 1;
	}
}

/** The first checkpoint after a turn, whatever it is worth, with the digest that it should have. */
export async function nextCheckpoint(
	sql: ISql,
	document: DocumentId,
	after: number,
): Promise<(Checkpoint & { readonly sha256: Uint8Array }) | null> {
	const [row] = await sql<(Checkpoint & { sha256: Uint8Array })[]>`
		select turn, edits, state, sha256 from checkpoints c
		where document = ${document} and turn > ${after} and ${knowsAllPassed(sql)}
		order by turn limit 1`;
	return row ?? null;
}

/** Its maker knew of all the turns before it that are passed over. */
function knowsAllPassed(sql: ISql) {
	return sql`not exists (
		select from (
			select from_turn, row_number() over (order by at) as place
			from passed_turns p where p.document = c.document
		) p where p.place > c.passed and p.from_turn <= c.turn
	)`;
}

/** The turns whose state is kept, in order. */
export async function readCheckpointTurns(
	sql: ISql,
	document: DocumentId,
): Promise<readonly number[]> {
	const rows = await sql<{ turn: number }[]>`
		select turn from checkpoints where document = ${document} order by turn`;
	return rows.map(({ turn }) => turn);
}

/** Forgets a checkpoint that cannot be opened: it is derived anew. */
export async function dropCheckpoint(sql: ISql, document: DocumentId, turn: number): Promise<void> {
	await sql`delete from checkpoints where document = ${document} and turn = ${turn}`;
}

/**
 * Keeps a checkpoint; whoever derives the same turn again changes nothing, but heals a damaged one.
 * A lasting one is not let go of later. `passed`: how many rows of passed turns its maker knew of.
 * Nothing is kept of somebody who did not know of as many `removals` as there were.
 */
export async function keepCheckpoint(
	sql: ISql,
	document: DocumentId,
	checkpoint: Checkpoint & {
		readonly passed?: number;
		readonly removals?: number;
		readonly isLasting?: boolean;
	},
): Promise<void> {
	const { turn, edits, state, passed = 0, removals = 0, isLasting = false } = checkpoint;
	await sql`
		insert into checkpoints as kept (document, turn, edits, state, sha256, passed, lasting)
		select id, ${turn}, ${edits}, ${state}, ${sha256Of(state)}, ${passed}, ${isLasting}
		from documents where id = ${document} and removals = ${removals} for key share
		on conflict (document, turn) do update set
			edits = excluded.edits, state = excluded.state, sha256 = excluded.sha256,
			passed = excluded.passed, lasting = kept.lasting or excluded.lasting
		where kept.passed <= excluded.passed and (
			kept.passed < excluded.passed or kept.sha256 <> sha256(kept.state) or excluded.lasting
		)`;
}

/**
 * Lets go of checkpoints that replay does not need: the newest three stay, lasting ones, and one of those
 * within so many edits as a new one is due after.
 */
export async function thinCheckpoints(sql: ISql, document: DocumentId): Promise<void> {
	await sql`
		delete from checkpoints where document = ${document} and turn in (
			select turn from (
				select turn, lasting,
					row_number() over (order by turn desc) as age,
					row_number() over (partition by edits / ${limits.checkpointEdits}::int order by turn) as place
				from checkpoints where document = ${document}
			) ranked
			where age > 3 and place > 1 and not lasting
		)`;
}

function sha256Of(state: Uint8Array): Buffer {
	return createHash('sha256').update(state).digest();
}
