import type { IncidentId } from '#core/ids.ts';
import { backfill } from '#core/incident/backfill.ts';
import { createDocument, recordOf } from '#core/incident/document.ts';
import { writeEntry, type NewEntry } from '#core/incident/entries.ts';
import { readIncident, type Incident } from '#core/incident/reading.ts';
import { readTimelineFile } from '#core/incident/timelineFile.ts';
import type { EntryId } from '#core/ids.ts';
import type { Exported } from '#core/review/export/exported.ts';
import { ada, nameOf, TestRecord } from './record.ts';
import { timelineText } from './timelines.ts';

/** A reading as it is exported on a day in November. */
export function exportedReading(reading: Incident): Exported {
	return {
		id: '0b000000-0000-4000-8000-000000000042' as IncidentId,
		number: 42,
		reading,
		nameOf,
		url: 'https://muster.example.com/i/42',
		at: Date.parse('2026-11-29T12:00:00Z'),
	};
}

/** A timeline file as it is exported once it was imported, the same in every run. */
export function exportedTimeline(name: string): Exported {
	const record = new TestRecord();
	const file = readTimelineFile(timelineText(name));
	const { facts, entries } = backfill(file, 42, record.contextOf(ada));
	return exportedReading(readingWith(facts, entries));
}

/** An incident that ada declared and in which she logged something. */
export function exportedEntry(entry: Partial<NewEntry>, title = 'checkout is down'): Exported {
	const record = new TestRecord().declare({ title });
	const id = '01JDEXP0RTEDENTRY000000042' as EntryId;
	record.later(60_000).logs(ada, id);
	const whole = { kind: 'note', text: 'pool is at 60/60', occurredAt: record.now, ...entry };
	return exportedReading(readingWith(record.facts, [{ id, entry: whole }]));
}

function readingWith(
	facts: readonly unknown[],
	entries: readonly { id: EntryId; entry: NewEntry }[],
): Incident {
	const doc = createDocument('follower');
	recordOf(doc).push([...facts]);
	for (const { id, entry } of entries) writeEntry(doc, id, entry);
	return readIncident(doc, nameOf);
}
