import type * as Y from 'yjs';
import type { PersonId } from '../ids.ts';
import { recordOf } from '../incident/document.ts';

/** An approval is of a text. */
export interface Approval {
	readonly by: PersonId;
	/** How much was written by then (`writtenIn`); null where that was not noted: whatever was in review. */
	readonly written: number | null;
}

/**
 * How much was ever written in a retrospective and taken out of it, beside its record: every edit makes it
 * more, in every copy alike. A digest of the text could be guessed from once something is removed for good.
 */
export function writtenIn(doc: Y.Doc): number {
	let units = 0;
	for (const structs of doc.store.clients.values()) {
		for (const { length, deleted } of structs) units += deleted ? 2 * length : length;
	}
	return units - recordOf(doc).length;
}

/** Who has approved the text as it is, not one that was changed since. */
export function approvedBy(approvals: readonly Approval[], written: number): readonly PersonId[] {
	return approvals.filter((one) => (one.written ?? written) === written).map(({ by }) => by);
}

/** The reviewers who have not approved the text as it is. */
export function missingOf(
	{ reviewers, approvals }: { reviewers: readonly PersonId[]; approvals: readonly Approval[] },
	written: number,
): readonly PersonId[] {
	const approved = approvedBy(approvals, written);
	return reviewers.filter((person) => !approved.includes(person));
}
