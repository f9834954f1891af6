import { describe, expect, test } from 'vitest';
import { backfill, type Backfill } from '#core/incident/backfill.ts';
import { foldRecord } from '#core/incident/fold.ts';
import { readRecord } from '#core/incident/reading.ts';
import { readTimelineFile } from '#core/incident/timelineFile.ts';
import { ada, nameOf, TestRecord } from '../../support/record.ts';
import { timelineText } from '../../support/timelines.ts';

const clock = new TestRecord();
const imported = (file: object): Backfill => {
	const text = JSON.stringify({ title: 'checkout was down', entries: [], ...file });
	return backfill(readTimelineFile(text), 7, clock.contextOf(ada));
};
const at = (time: string) => `2021-05-29T${time}:00Z`;
const ms = (time: string) => Date.parse(at(time));

describe('an incident that is written down from a timeline', () => {
	test.each([
		['investigating', {}],
		['investigating', { impact_started_at: at('01:00'), detected_at: at('02:00') }],
		['identified', { identified_at: at('02:00') }],
		['monitoring', { mitigated_at: at('03:00'), identified_at: at('02:00') }],
		['resolved', { resolved_at: at('04:00'), impact_ended_at: at('04:30') }],
		['closed', { mitigated_at: at('03:00'), resolved_at: at('04:00'), closed_at: at('05:00') }],
	])('is left %s when that is what its milestones say', (status, milestones) => {
		const state = foldRecord(imported({ milestones }).facts);
		expect(state).toMatchObject({ status, origin: 'backfilled', isSealed: status === 'closed' });
	});

	test('has the milestones of the file at their times, and no others', () => {
		const milestones = {
			impact_started_at: at('01:00'),
			declared_at: at('01:30'),
			acknowledged_at: at('01:40'),
			resolved_at: at('04:00'),
		};
		const reached = foldRecord(imported({ milestones }).facts).milestones;
		expect(
			Object.fromEntries(Object.entries(reached).map(([name, one]) => [name, one.at])),
		).toEqual({
			impactStarted: ms('01:00'),
			declared: ms('01:30'),
			acknowledged: ms('01:40'),
			resolved: ms('04:00'),
		});
	});

	test('entered each status when its milestone was, in the order of the statuses', () => {
		const milestones = { resolved_at: at('04:00'), mitigated_at: at('05:00') };
		const { facts } = imported({ milestones });
		expect(facts.filter(({ kind }) => kind === 'status')).toMatchObject([
			{ status: 'monitoring', occurredAt: ms('05:00'), recordedAt: clock.now },
			{ status: 'resolved', occurredAt: ms('04:00'), recordedAt: clock.now },
		]);
	});

	test('has every entry logged by who imports it, in the order of the file, with what the source wrote', () => {
		const file = readTimelineFile(timelineText('gitlab-2017-01-31.json'));
		const { facts, entries } = backfill(file, 7, clock.contextOf(ada));
		expect(entries.map(({ entry }) => entry)).toEqual(file.entries.map(({ entry }) => entry));
		const ids = entries.map(({ id }) => id);
		expect(ids).toEqual([...ids].sort());
		const { logged } = readRecord(facts, nameOf);
		expect([...logged.keys()]).toEqual(ids);
		expect(logged.get(ids[26] ?? '')).toMatchObject({ by: ada, recordedAs: '2017/02/02 16:28' });
	});

	test('links to its sources', () => {
		const source = { url: 'https://example.org/post-mortem' };
		expect(foldRecord(imported({ source }).facts).links).toEqual([
			{ url: source.url, title: source.url, by: ada },
		]);
	});

	test('says so in the timeline', () => {
		const { items } = readRecord(imported({}).facts, nameOf);
		expect(items[0]).toMatchObject({
			text: 'Incident written down by Ada afterwards',
			occurredAt: clock.now,
		});
	});
});
