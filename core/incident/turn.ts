import type { PersonId } from '../ids.ts';

export const editKinds = ['edit', 'facts', 'seed', 'late', 'restore'] as const;
export type EditKind = (typeof editKinds)[number];

/** One update inside a turn, with its provenance. */
export interface Edit {
	readonly kind: EditKind;
	readonly person: PersonId;
	/** Names the connection within the server's life; empty for what the server made itself. */
	readonly conn: string;
	/** The connection's running number of this message, 0 if none. */
	readonly n: number;
	/** The Yjs client id that wrote it (the first in the update). */
	readonly client: number;
	/** When the server received it, epoch ms. */
	readonly receivedAt: number;
	/** The gated update as received, Yjs V1. */
	readonly bytes: Uint8Array;
}
