import { createHash } from 'node:crypto';
import type { Proof } from '#core/incident/history.ts';
import type { DocumentId } from '#core/ids.ts';

/** The chain's head before the first turn, from the document's id. */
export function firstHead(document: DocumentId): Uint8Array {
	return createHash('sha256').update(document).digest();
}

/** What stands for a turn in the chain: sha256(salt ‖ its bytes), or what is left of it once the salt is gone. */
export function digestOf(proof: Proof, bytes: Uint8Array): Uint8Array {
	if (proof.salt === null) return proof.digest;
	return createHash('sha256').update(proof.salt).update(bytes).digest();
}

/** The chain's head after a turn of this instant (µs) and digest: sha256(head before ‖ instant ‖ digest). */
export function headAfter(
	head: Uint8Array,
	{ at, digest }: { readonly at: number; readonly digest: Uint8Array },
): Uint8Array {
	const instant = Buffer.alloc(8);
	instant.writeBigInt64BE(BigInt(at));
	return createHash('sha256').update(head).update(instant).update(digest).digest();
}
