import { expect, test } from 'vitest';
import type { EntryId, IncidentId, TaskId } from '#core/ids.ts';
import { createDocument, impactOf, recordOf } from '#core/incident/document.ts';
import { writeEntry } from '#core/incident/entries.ts';
import { readIncident } from '#core/incident/reading.ts';
import { writeTask } from '#core/incident/tasks.ts';
import { describeIncident, incident } from '#server/http/api/reading.ts';
import { incidentFromApi, type ApiIncident } from '../../../src/lib/live/fromApi.ts';
import { ada, grace, nameOf, TestRecord } from '../../support/record.ts';

const id = crypto.randomUUID() as string as IncidentId;
const ids = ['01KAV000000000000000000001', '01KAV000000000000000000002'] as const;

test('what the server rendered reads like the document, so that the live one follows it unseen', () => {
	const record = new TestRecord().declare({ severity: 'SEV2' });
	record.logs(grace, ids[0] as EntryId);
	record.does(grace, { type: 'takeRole', role: 'ops' });
	record.does(ada, { type: 'link', url: 'https://status.example.com', title: 'status page' });
	record.does(ada, { type: 'setMilestone', milestone: 'detected', at: record.now - 60_000 });
	const doc = createDocument('follower');
	recordOf(doc).push(record.facts.map((fact) => ({ ...fact })));
	const [endedAt, occurredAt] = [record.now, record.now - 5_000];
	const text = 'pool at 60/60';
	writeEntry(doc, ids[0] as EntryId, { kind: 'note', text, occurredAt, endedAt, actors: 'nagios' });
	writeEntry(doc, ids[1] as EntryId, { kind: 'theory', text, occurredAt, approximate: true });
	writeTask(doc, ids[0] as TaskId, { title: 'roll back', assignee: grace, due: 5, order: 'V' });
	writeTask(doc, ids[1] as TaskId, { title: 'tell support', order: 'W' });
	impactOf(doc).insert(0, '18 % of checkouts fail');

	const { milestones, ...reading } = readIncident(doc, nameOf);
	const answer = incident.parse(
		describeIncident({ id, number: reading.number }, { ...reading, milestones }, nameOf),
	);
	const { milestones: reached, ...rendered } = incidentFromApi(answer as ApiIncident);
	expect(rendered).toEqual({ id, ...reading });
	expect(reached.detected?.at).toBe(milestones.detected?.at);
	expect(Object.keys(reached).sort()).toEqual(Object.keys(milestones).sort());
});
