import { expect, it } from 'vitest';
import type { EntryId } from '#core/ids.ts';
import { changeEntry } from '#core/incident/entries.ts';
import { readIncident } from '#core/incident/reading.ts';
import { comingsAndGoings, marksOf, unsavedStretches } from '#core/review/marks.ts';
import { Replay } from '#core/review/replay.ts';
import { ada, grace, nameOf, TestRecord } from '../../support/record.ts';
import { ToldHistory } from '../../support/toldHistory.ts';

const entry = (n: number) => `01KAV00000000000000000000${n}` as EntryId;
const minute = 60_000;

it('stars, decisions, alerts and the facts stand out, each at its time by the clock', () => {
	const record = new TestRecord().declare();
	const told = new ToldHistory(record);
	const began = record.now;
	record.later(10 * minute);
	told.logs(ada, entry(1), { kind: 'note', text: 'only a note', occurredAt: began });
	told.logs(ada, entry(2), { kind: 'alert', text: '5xx > 5 %', occurredAt: began - minute });
	told.logs(ada, entry(3), { kind: 'decision', text: 'roll back', occurredAt: began + minute });
	told.turn((doc) => changeEntry(doc, entry(3), { starred: true }));
	using replay = new Replay();
	replay.add(told.turns);
	const { timeline } = readIncident(replay.latest, nameOf);
	const marks = (clock: 'known' | 'happened') =>
		marksOf(timeline, clock).map(({ kind, at }) => [kind, (at - began) / minute]);
	expect(marks('happened')).toEqual([
		['alert', -1],
		['other', 0],
		['status', 0],
		['role', 0],
		['star', 1],
	]);
	expect(marks('known').filter(([kind]) => kind === 'alert' || kind === 'star')).toEqual([
		['alert', 10],
		['star', 10],
	]);
});

it('somebody with two connections, or back within a minute, came once and left once', () => {
	const visits = [
		{ person: ada, from: 0, until: 5 * minute },
		{ person: ada, from: 2 * minute, until: 9 * minute },
		{ person: ada, from: 9 * minute + 30_000, until: 12 * minute },
		{ person: grace, from: minute, until: null },
	];
	expect(comingsAndGoings(visits, nameOf).map(({ at, text }) => [at / minute, text])).toEqual([
		[0, 'Ada came'],
		[1, 'Grace came'],
		[12, 'Ada left'],
	]);
});

it('edits that waited to be committed make one unsaved stretch', () => {
	const told = new ToldHistory(new TestRecord().declare());
	const { now } = told.record;
	told.record.later(20_000);
	told.turn((doc) => doc.getText('impact').insert(0, 'a'), { waitedMs: 20_000 });
	told.turn((doc) => doc.getText('impact').insert(0, 'b'), { waitedMs: 3_000 });
	told.record.later(minute);
	told.turn((doc) => doc.getText('impact').insert(0, 'c'), { waitedMs: 40 });
	expect(unsavedStretches(told.turns)).toEqual([{ from: now, until: now + 20_000 }]);
});
