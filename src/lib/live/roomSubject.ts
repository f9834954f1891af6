import type * as Y from 'yjs';
import type { IncidentId } from '#core/ids.ts';
import { entriesOf } from '#core/incident/document.ts';
import { foldRecord } from '#core/incident/fold.ts';
import { readIncident, type NameOf } from '#core/incident/reading.ts';
import { readFacts } from '#core/incident/record.ts';
import { LiveDocument } from './LiveDocument.svelte.ts';
import { askStanding } from './refused.ts';
import type { SalvageWords, Subject } from './subject.ts';
import { roomTexts } from './textUndo.ts';

/** An incident's room as a live document: `number` is the incident's here. */
export function roomSubject(
	incident: IncidentId,
	number: number,
	nameOf: NameOf,
): Subject<LiveDocument> {
	return {
		path: incident,
		make: (kind) => new LiveDocument(kind, nameOf),
		isSealed: (doc) => foldRecord(readFacts(doc)).isSealed,
		whySealed: 'this incident is closed.',
		countEntries: (doc) => entriesOf(doc).size,
		typedInto: roomTexts,
		askStanding: () => askStanding(incident),
		describe: (doc) => describe(doc, number, nameOf),
	};
}

/** The reading in words, and the entries not yet logged by name. */
function describe(doc: Y.Doc, number: number, nameOf: NameOf): SalvageWords {
	const incident = readIncident(doc, nameOf);
	const notLogged = incident.timeline.filter(
		(item) => item.source === 'entry' && item.recordedAt === null,
	);
	return {
		name: `INC-${number}`,
		content: {
			entriesNotLogged: notLogged.map(({ text, kind, occurredAt }) => ({
				text,
				kind,
				occurredAt: new Date(occurredAt).toISOString(),
			})),
			asOnThisDevice: {
				title: incident.title,
				impact: incident.impact,
				theory: incident.theory,
				notes: incident.notes,
				tasks: incident.tasks.map(({ title, done }) => ({ title, done })),
			},
		},
	};
}
