import { expect, it } from 'vitest';
import type { EntryId, TaskId } from '#core/ids.ts';
import { impactOf } from '#core/incident/document.ts';
import { changeEntry, entryText } from '#core/incident/entries.ts';
import { readIncident } from '#core/incident/reading.ts';
import { changeTask, writeTask } from '#core/incident/tasks.ts';
import { changesBetween } from '#core/review/changes.ts';
import { Replay } from '#core/review/replay.ts';
import { ada, grace, nameOf, TestRecord } from '../../support/record.ts';
import { ToldHistory } from '../../support/toldHistory.ts';

const entry = '01KAV000000000000000000001' as EntryId;
const task = '01KAV000000000000000000002' as TaskId;

it('what changed between two instants is told thing by thing, and nothing twice', () => {
	const record = new TestRecord().declare({ severity: 'SEV3' });
	const told = new ToldHistory(record);
	told.logs(ada, entry, { kind: 'note', text: 'pool at 40/60', occurredAt: record.now });
	told.turn((doc) => writeTask(doc, task, { title: 'roll back', order: 'V' }));
	const before = told.turns.length;
	record.later(60_000).does(grace, { type: 'setSeverity', severity: 'SEV1' });
	record.does(grace, { type: 'takeRole', role: 'commander' });
	told.facts();
	told.turn((doc) => {
		impactOf(doc).insert(0, '18 % fail');
		entryText(doc, entry)?.delete(8, 1);
		entryText(doc, entry)?.insert(8, '6');
		changeEntry(doc, entry, { starred: true });
		changeTask(doc, task, { done: true, assignee: ada });
	});
	using replay = new Replay();
	replay.add(told.turns);
	const from = readIncident(replay.documentAt(before), nameOf);
	const to = readIncident(replay.latest, nameOf);
	const changes = changesBetween(from, to, nameOf);
	expect(changes.map(({ of, words }) => `${of}: ${words}`)).toEqual([
		'Severity: SEV3 → SEV1',
		'Commander: Ada → Grace',
		'Acknowledged: not set → 2026-11-24 02:14:00 UTC',
		'Impact: changed',
		'Entry: changed',
		'Entry: starred: pool at 60/60',
		'New fact: Severity SEV3 → SEV1 by Grace',
		'New fact: Grace takes Commander',
		'Task: roll back: done',
		'Task: roll back: nobody → Ada',
	]);
	expect(changes.find(({ of }) => of === 'Entry')?.text).toEqual({
		before: 'pool at ',
		removed: '4',
		inserted: '6',
		after: '0/60',
	});
	expect(changesBetween(to, to, nameOf)).toEqual([]);
});
