import * as Y from 'yjs';
import type { PersonId } from '#core/ids.ts';
import type { Fact } from '#core/incident/record.ts';

const mostWords = 1_000;

/** Whether the record says, since the last closing, that edits of this person's came late. */
export function isToldLate(facts: readonly Fact[], person: PersonId): boolean {
	const closed = facts.findLastIndex((fact) => fact.kind === 'status' && fact.status === 'closed');
	return facts.slice(closed + 1).some((fact) => fact.kind === 'late' && fact.by === person);
}

/** What an update would write, as plain text, no longer than a fact should be. */
export function wordsOf(bytes: Uint8Array): string {
	const { structs } = Y.decodeUpdate(bytes);
	const words = structs.flatMap((struct) =>
		struct instanceof Y.Item && struct.content instanceof Y.ContentString
			? [struct.content.str]
			: [],
	);
	return words.join('').slice(0, mostWords);
}
