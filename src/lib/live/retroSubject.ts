import type * as Y from 'yjs';
import type { IncidentId } from '#core/ids.ts';
import { findingsOf } from '#core/incident/document.ts';
import { foldRecord } from '#core/incident/fold.ts';
import { toMarkdown } from '#core/incident/markdown.ts';
import { readFacts } from '#core/incident/record.ts';
import { readRetro } from '#core/retro/reading.ts';
import { standingOf, type Standing } from './refused.ts';
import { RetroDocument } from './RetroDocument.svelte.ts';
import type { SalvageWords, Subject } from './subject.ts';

/** The retrospective of an incident as a live document: `number` is the incident's here. */
export function retroSubject(incident: IncidentId, number: number): Subject<RetroDocument> {
	return {
		path: `${incident}/retro`,
		make: (kind) => new RetroDocument(kind),
		isSealed: (doc) => foldRecord(readFacts(doc)).isSealed,
		whySealed: 'this version is published.',
		countEntries: () => 0,
		typedInto: (doc) => [findingsOf(doc)],
		askStanding: () => askRetroStanding(incident),
		describe: (doc) => describe(doc, number),
	};
}

/** What the server says of this person and an incident's retrospective. */
function askRetroStanding(incident: IncidentId): Promise<Standing> {
	return standingOf(`/incidents/${incident}/retro`, async (response) => {
		const { mayEdit } = (await response.json()) as { mayEdit: boolean };
		return { state: 'known', read: true, edit: mayEdit, reason: null, shownAsOf: null };
	});
}

function describe(doc: Y.Doc, number: number): SalvageWords {
	const { report, findings } = readRetro(doc);
	return {
		name: `INC-${number}-retrospective`,
		content: {
			asOnThisDevice: {
				report: toMarkdown(report),
				findings: findings.map(({ kind, text, causes }) => ({ kind, text, causes })),
			},
		},
	};
}
