import type { TransactionSql } from 'postgres';
import { incidentOf, kindOf, type DocumentId, type IncidentId, type PersonId } from '#core/ids.ts';

/** A turn as another journal has kept it. */
export interface ForeignTurn {
	readonly turn: number;
	/** Microseconds since 1970. */
	readonly at: number;
	readonly edits: Uint8Array;
	readonly nonce: string;
	readonly salt: Uint8Array | null;
	readonly digest: Uint8Array;
	readonly head: Uint8Array;
}

/** Gives an incident that comes from elsewhere a number; null if it is here already. */
export async function insertForeignIncident(
	tx: TransactionSql,
	incident: IncidentId,
	{ by, at }: { by: PersonId; at: number },
): Promise<number | null> {
	const [row] = await tx<{ number: number }[]>`
		insert into incidents (id, declared_by, created_at)
		values (${incident}, ${by}, timestamptz 'epoch' + ${at}::int8 * interval '1 microsecond')
		on conflict (id) do nothing returning number`;
	return row?.number ?? null;
}

/** Makes a document of such an incident, which ends with this turn; `sealedAt` in microseconds. */
export async function insertForeignDocument(
	tx: TransactionSql,
	document: DocumentId,
	{ turn, at, head, sealedAt }: Omit<ForeignTurn, 'edits'> & { sealedAt: number | null },
): Promise<void> {
	await tx`
		insert into documents (id, incident, kind, turn, at, head, sealed_at)
		values (
			${document}, ${incidentOf(document)}, ${kindOf(document)}, ${turn},
			timestamptz 'epoch' + ${at}::int8 * interval '1 microsecond', ${head},
			timestamptz 'epoch' + ${sealedAt}::int8 * interval '1 microsecond'
		)`;
}

/** Journals turns exactly as they were kept elsewhere. */
export async function insertForeignTurns(
	tx: TransactionSql,
	document: DocumentId,
	turns: readonly ForeignTurn[],
): Promise<void> {
	const column = <T>(of: (turn: ForeignTurn) => T): T[] => turns.map(of);
	await tx`
		insert into journal (document, turn, at, edits, nonce, salt, digest, head)
		select ${document}::uuid, turn, timestamptz 'epoch' + at * interval '1 microsecond',
			decode(edits, 'hex'), nonce, decode(salt, 'hex'), decode(digest, 'hex'), decode(head, 'hex')
		from unnest(
			${column(({ turn }) => turn)}::int8[], ${column(({ at }) => at)}::int8[],
			${column(({ edits }) => hexOf(edits))}::text[], ${column(({ nonce }) => nonce)}::uuid[],
			${column(({ salt }) => salt && hexOf(salt))}::text[],
			${column(({ digest }) => hexOf(digest))}::text[],
			${column(({ head }) => hexOf(head))}::text[]
		) as given (turn, at, edits, nonce, salt, digest, head)`;
}

/** Leaves out turns as somebody decided elsewhere; `at` in epoch ms. */
export async function insertForeignPassed(
	tx: TransactionSql,
	document: DocumentId,
	passed: readonly { from: number; to: number; at: number; why: string; by: PersonId }[],
): Promise<void> {
	for (const { from, to, at, why, by } of passed) {
		await tx`
			insert into passed_turns (document, from_turn, to_turn, by, why, at)
			values (
				${document}, ${from}, ${to}, ${by}, ${why},
				timestamptz 'epoch' + ${at}::int8 * interval '1 ms'
			)`;
	}
}

/** Lists of bytes are no type that our arrays know. */
function hexOf(bytes: Uint8Array): string {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}
