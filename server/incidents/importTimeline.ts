import { backfill } from '#core/incident/backfill.ts';
import { readTimelineFile } from '#core/incident/timelineFile.ts';
import type { Person } from '#core/response/access.ts';
import { askerOf } from './asker.ts';
import { createIncident, type Created, type CreateParts } from './create.ts';

export interface ImportRequest {
	/** The file's text. */
	readonly text: string;
	readonly idempotencyKey?: string | undefined;
}

export interface Imported extends Created {
	readonly title: string;
	/** How many entries it has. */
	readonly entries: number;
	/** What of the file is not taken over, in sentences. */
	readonly warnings: readonly string[];
}

/**
 * Writes down an incident from a timeline file, all or nothing: a file that is wrong anywhere
 * imports nothing. Throws a `Refusal`, which names the line if the file is to blame.
 */
export async function importTimeline(
	parts: CreateParts,
	person: Person,
	request: ImportRequest,
): Promise<Imported> {
	const file = readTimelineFile(request.text);
	const asker = askerOf(person, 'import', { ...request });
	const created = await createIncident(parts, asker, (number, context) =>
		backfill(file, number, context),
	);
	const { title, entries, warnings } = file;
	return { ...created, title, entries: entries.length, warnings };
}
