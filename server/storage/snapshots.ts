import type { ISql } from 'postgres';
import type { DocumentId } from '#core/ids.ts';

/** The final state of a closed incident, after exactly the turn that closed it. */
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

/** Keeps a snapshot; whoever makes the same one again changes nothing. */
export async function keepSnapshot(
	sql: ISql,
	document: DocumentId,
	{ turn, state, reading, sha256, head }: Snapshot,
): Promise<void> {
	await sql`
		insert into snapshots (document, turn, state, reading, sha256, head)
		values (${document}, ${turn}, ${state}, ${reading}::text::json, ${sha256}, ${head})
		on conflict do nothing`;
}

/** A document's snapshots, one for each time that it was closed, the first one first. */
export async function readSnapshots(sql: ISql, document: DocumentId): Promise<readonly Snapshot[]> {
	return sql<Snapshot[]>`
		select turn, state, reading::text as reading, sha256, head from snapshots
		where document = ${document} order by turn`;
}
