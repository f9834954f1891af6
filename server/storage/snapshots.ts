import type { ISql, TransactionSql } from 'postgres';
import type { DocumentId } from '#core/ids.ts';

/** The final state of a closed incident, after exactly the turn that closed it, or one that followed. */
export interface Snapshot {
	readonly turn: number;
	/** Yjs V2. */
	readonly state: Uint8Array;
	/** The reading as canonical JSON, to the letter. */
	readonly reading: string;
	/** Over state ‖ reading. */
	readonly sha256: Uint8Array;
	/** The chain's head after that turn. */
	readonly head: Uint8Array;
}

/**
 * Keeps a snapshot; whoever makes the same one again changes nothing, and so does whoever did not know
 * of as many `removals` as there were.
 */
export async function keepSnapshot(
	sql: ISql,
	document: DocumentId,
	{ turn, state, reading, sha256, head, removals = 0 }: Snapshot & { removals?: number },
): Promise<void> {
	await sql`
		insert into snapshots (document, turn, state, reading, sha256, head)
		select id, ${turn}, ${state}, ${reading}::text::json, ${sha256}, ${head}
		from documents where id = ${document} and removals = ${removals} for key share
		on conflict do nothing`;
}

/** Keeps the first snapshots of documents that nobody else knows yet. */
export async function insertSnapshots(
	tx: TransactionSql,
	snapshots: readonly (Snapshot & { readonly document: DocumentId })[],
): Promise<void> {
	const hex = (of: (one: Snapshot) => Uint8Array) =>
		snapshots.map((one) => Buffer.from(of(one)).toString('hex'));
	await tx`
		insert into snapshots (document, turn, state, reading, sha256, head)
		select document, turn, decode(state, 'hex'), reading::json, decode(sha256, 'hex'),
			decode(head, 'hex')
		from unnest(
			${snapshots.map(({ document }) => document)}::uuid[],
			${snapshots.map(({ turn }) => turn)}::int8[], ${hex(({ state }) => state)}::text[],
			${snapshots.map(({ reading }) => reading)}::text[], ${hex(({ sha256 }) => sha256)}::text[],
			${hex(({ head }) => head)}::text[]
		) as given (document, turn, state, reading, sha256, head)`;
}

/** Whether there is a snapshot of exactly this turn. */
export async function hasSnapshot(sql: ISql, document: DocumentId, turn: number): Promise<boolean> {
	const rows = await sql`
		select from snapshots where document = ${document} and turn = ${turn}`;
	return rows.length > 0;
}

/** The first snapshot after a turn, whatever it is worth. */
export async function nextSnapshot(
	sql: ISql,
	document: DocumentId,
	after: number,
): Promise<Snapshot | null> {
	const [row] = await sql<Snapshot[]>`
		select turn, state, reading::text as reading, sha256, head from snapshots
		where document = ${document} and turn > ${after} order by turn limit 1`;
	return row ?? null;
}

/**
 * A document's snapshots, the first one first: one for each time that it was closed, and one for what
 * was written while it was.
 */
export async function readSnapshots(sql: ISql, document: DocumentId): Promise<readonly Snapshot[]> {
	return sql<Snapshot[]>`
		select turn, state, reading::text as reading, sha256, head from snapshots
		where document = ${document} order by turn`;
}
