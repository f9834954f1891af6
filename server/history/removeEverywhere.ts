import type { Sql } from 'postgres';
import { retroDocumentOf, roomDocumentOf, type DocumentId, type IncidentId } from '#core/ids.ts';
import type { Fact } from '#core/incident/record.ts';
import { Refusal } from '#core/refusal.ts';
import { needleOf, type Wanted } from '#core/removal/removal.ts';
import { readFindings } from '#core/retro/findings.ts';
import { removeFromActions } from '#server/storage/actions.ts';
import { removeFromCauses } from '#server/storage/causes.ts';
import { readPlace } from '#server/storage/documents.ts';
import { removeFromFeedback } from '#server/storage/feedback.ts';
import { removeFromProblems } from '#server/storage/problems.ts';
import { refuseNow, removeFromDocument, type RemovalAsk, type RemovalParts } from './removal.ts';

/**
 * Removes something for good from all that there is of an incident: its room, its retrospective with what
 * was published of it, its actions, feedback and problems. Throws a `Refusal`: also if nothing is found.
 */
export async function removeEverywhere(
	parts: RemovalParts,
	incident: IncidentId,
	ask: RemovalAsk,
): Promise<readonly Fact[]> {
	const documents = await documentsOf(parts.sql, incident);
	// First for all of them: nobody is to be told that half of it is gone.
	for (const document of documents) await refuseNow(parts, document, ask);
	await removeManagedCauses(parts, incident, ask.wanted);
	const facts: Fact[] = [];
	for (const document of documents) {
		facts.push(...(await removeFromDocument(parts, document, ask)));
	}
	const rows = await removeFromRows(parts.sql, incident, ask.wanted);
	if (facts.length === 0 && rows === 0) {
		throw new Refusal('unknown', 'Nothing like this is in this incident or its history.');
	}
	const [, retro] = documents;
	if (retro) parts.persister.heard({ document: retro, facts: [] });
	return facts;
}

async function documentsOf(sql: Sql, incident: IncidentId): Promise<readonly DocumentId[]> {
	const retro = retroDocumentOf(incident);
	const isBegun = (await readPlace(sql, retro)) !== null;
	return [roomDocumentOf(incident), ...(isBegun ? [retro] : [])];
}

/** While it is still known which causes this incident names. */
async function removeManagedCauses(
	{ sql, rooms }: RemovalParts,
	incident: IncidentId,
	wanted: Wanted,
): Promise<void> {
	if (!('text' in wanted)) return;
	const [, retro] = await documentsOf(sql, incident);
	const findings = retro ? await rooms.read(retro, readFindings) : [];
	const drafted = findings.flatMap(({ causes }) => causes);
	const needle = needleOf(wanted.text);
	await sql.begin((tx) => removeFromCauses(tx, incident, { needle, drafted }));
}

/** How many rows held a text that is to be gone. */
async function removeFromRows(sql: Sql, incident: IncidentId, wanted: Wanted): Promise<number> {
	if (!('text' in wanted)) return 0;
	const needle = needleOf(wanted.text);
	return sql.begin(async (tx) => {
		const counts = [
			await removeFromActions(tx, incident, needle),
			await removeFromFeedback(tx, incident, needle),
			await removeFromProblems(tx, incident, needle),
		];
		return counts.reduce((sum, count) => sum + count, 0);
	});
}
