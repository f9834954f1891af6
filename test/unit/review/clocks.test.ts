import { expect, it } from 'vitest';
import type { EntryId } from '#core/ids.ts';
import { backfill } from '#core/incident/backfill.ts';
import { createDocument, impactOf, recordOf } from '#core/incident/document.ts';
import { writeEntry } from '#core/incident/entries.ts';
import { readTimelineFile } from '#core/incident/timelineFile.ts';
import { clocksOf, isNotYetKnown, readMoment } from '#core/review/clocks.ts';
import { Replay } from '#core/review/replay.ts';
import { ada, grace, nameOf, TestRecord } from '../../support/record.ts';
import { timelineNames, timelineText } from '../../support/timelines.ts';
import { ToldHistory } from '../../support/toldHistory.ts';

const entry = (n: number) => `01KAV00000000000000000000${n}` as EntryId;
const minute = 60_000;

/** Grace logs at +20 min what she saw at +5; its time and the impact's start are known only later. */
function lateLogging() {
	const record = new TestRecord().declare({ severity: 'SEV2' });
	const began = record.now;
	const told = new ToldHistory(record);
	record.later(10 * minute);
	told.logs(ada, entry(1), { kind: 'note', text: 'rollback begins', occurredAt: record.now });
	record.later(10 * minute);
	const seen = { kind: 'note', text: 'pool at 60/60', occurredAt: began + 5 * minute };
	told.logs(grace, entry(2), seen);
	told.turn((doc) => impactOf(doc).insert(0, '18 % fail'));
	record
		.later(minute)
		.does(ada, { type: 'setMilestone', milestone: 'impactStarted', at: began - 3 * minute });
	told.facts();
	const replay = new Replay();
	replay.add(told.turns);
	function at(clock: 'known' | 'happened', minutes: number) {
		const instant = began + minutes * minute;
		const known = replay.documentAt(replay.turnAt(instant));
		return readMoment({ clock, at: instant, known, latest: replay.latest }, nameOf);
	}
	return { at, began };
}

const texts = ({ timeline }: { timeline: readonly { source: string; text: string }[] }) =>
	timeline.filter(({ source }) => source === 'entry').map(({ text }) => text);

it('what was logged late is missing as known, and in its place as it happened', () => {
	const { at } = lateLogging();
	expect(texts(at('known', 6))).toEqual([]);
	expect(texts(at('happened', 6))).toEqual(['pool at 60/60']);
	expect(texts(at('known', 12))).toEqual(['rollback begins']);
	expect(texts(at('happened', 12))).toEqual(['pool at 60/60', 'rollback begins']);
	expect(texts(at('known', 21))).toEqual(texts(at('happened', 21)));
});

it('what had happened and nobody knew yet is told', () => {
	const { at, began } = lateLogging();
	const items = at('happened', 12).timeline.filter(({ source }) => source === 'entry');
	expect(items.map((item) => isNotYetKnown(item, began + 12 * minute))).toEqual([true, false]);
});

it('a milestone counts from its own time as it happened, from its setting as known', () => {
	const { at, began } = lateLogging();
	expect(at('known', 20).milestones.impactStarted).toBeUndefined();
	expect(at('happened', -1).milestones.impactStarted?.at).toBe(began - 3 * minute);
	expect(at('happened', -4).milestones.impactStarted).toBeUndefined();
	expect(at('known', 21).milestones.impactStarted?.at).toBe(began - 3 * minute);
});

it('texts have one time: they are as the room had them, on both clocks', () => {
	const { at } = lateLogging();
	expect(at('happened', 12).impact).toBe('');
	expect(at('happened', 20).impact).toBe('18 % fail');
	expect(at('known', 20).impact).toBe('18 % fail');
});

it('who commands, and how bad it is, follows the facts whose time has come', () => {
	const record = new TestRecord().declare();
	const began = record.now;
	const told = new ToldHistory(record);
	record.later(minute).does(grace, { type: 'takeRole', role: 'commander' });
	record.later(minute).does(grace, { type: 'setSeverity', severity: 'SEV1' });
	told.facts();
	using replay = new Replay();
	replay.add(told.turns);
	const happened = (at: number) =>
		readMoment(
			{ clock: 'happened', at, known: replay.documentAt(1), latest: replay.latest },
			nameOf,
		);
	expect(happened(began + minute - 1).roles.commander?.person).toBe(ada);
	expect(happened(began + minute).roles.commander?.person).toBe(grace);
	expect(happened(began + minute).severity).toBeNull();
	expect(happened(began + 2 * minute).severity).toBe('SEV1');
});

it('an incident that was written down afterwards has the second clock alone', () => {
	expect(clocksOf('live')).toEqual(['known', 'happened']);
	expect(clocksOf('backfilled')).toEqual(['happened']);
	expect(clocksOf('imported')).toEqual(['happened']);
});

it.each(timelineNames)('%s is replayed as it happened, entry by entry', (name) => {
	const file = readTimelineFile(timelineText(name));
	const record = new TestRecord();
	const { facts, entries } = backfill(file, 1, record.contextOf(ada));
	const doc = createDocument('editing');
	recordOf(doc).push(facts.map((fact) => ({ ...fact })));
	for (const { id, entry: one } of entries) writeEntry(doc, id, one);
	const shownAt = (at: number) =>
		texts(
			readMoment({ clock: 'happened', at, known: createDocument('follower'), latest: doc }, nameOf),
		);
	const times = file.entries.map((one) => one.entry.occurredAt);
	for (const at of times.flatMap((time) => [time - 1, time])) {
		const due = file.entries.filter((one) => one.entry.occurredAt <= at);
		expect(shownAt(at).toSorted()).toEqual(due.map((one) => one.entry.text).toSorted());
	}
	expect(shownAt(Infinity)).toHaveLength(file.entries.length);
});
