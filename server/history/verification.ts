import { documentOf, isUuid, type DocumentId, type DocumentKind } from '#core/ids.ts';
import { Refusal } from '#core/refusal.ts';
import { readConfig } from '#server/config.ts';
import { createLog } from '#server/log.ts';
import { listIncidents, type ListedIncident } from '#server/storage/incidents.ts';
import { openStoreBeside } from '#server/storage/store.ts';
import { verifyStored } from './evidence.ts';
import type { KnownHead } from './knownHeads.ts';
import type { Verdict } from './verify.ts';

/**
 * Verifies an incident of the environment's store by its number or id, or all of them, one after the
 * other, each with its retrospective if it has one. Throws a `Refusal` if the store or the incident is not there.
 */
export async function* verifyIncidents(
	env: NodeJS.ProcessEnv,
	named: string | null,
	knownOf: (document: DocumentId) => readonly KnownHead[],
): AsyncGenerator<{
	readonly number: number;
	readonly kind: DocumentKind;
	readonly verdict: Verdict;
}> {
	await using db = await openStoreBeside(readConfig(env), createLog('silent'));
	const all = await listIncidents(db.sql);
	const chosen = named === null ? all : all.filter((incident) => isNamed(incident, named));
	if (named !== null && chosen.length === 0) {
		throw new Refusal('unknown', `There is no incident ${named}.`);
	}
	for (const { id, number } of chosen) {
		for (const kind of ['room', 'retro'] as const) {
			const document = documentOf(id, kind);
			const verdict = await verifyStored(db.sql, document, knownOf(document));
			if (verdict) yield { number, kind, verdict };
		}
	}
}

function isNamed({ id, number }: ListedIncident, named: string): boolean {
	return isUuid(named) ? id === named : String(number) === named;
}
