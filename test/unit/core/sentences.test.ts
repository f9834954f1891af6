import { expect, test } from 'vitest';
import { readRecord } from '#core/incident/reading.ts';
import { lostClaim } from '#core/incident/decide.ts';
import { ada, grace, linus, nameOf, TestRecord } from '../../support/record.ts';

const minute = 60_000;

test('the record of an incident reads as a story', () => {
	const record = new TestRecord().declare({ severity: 'SEV3' }).later(minute);
	record
		.does(grace, { type: 'setSeverity', severity: 'SEV1' })
		.does(grace, { type: 'setSeverity', severity: null })
		.does(grace, { type: 'takeRole', role: 'commander' })
		.does(grace, { type: 'assignRole', role: 'ops', person: linus })
		.does(linus, { type: 'assignRole', role: 'ops', person: ada })
		.does(ada, { type: 'assignRole', role: 'commander', person: ada })
		.does(grace, { type: 'releaseRole', role: 'ops' })
		.does(ada, { type: 'releaseRole', role: 'commander' })
		.does(linus, { type: 'rename', title: 'search is down' })
		.does(linus, { type: 'link', url: 'https://example.org/d' })
		.does(linus, { type: 'link', url: 'https://example.org/d', title: 'Dashboard' })
		.does(ada, { type: 'setMilestone', milestone: 'impactStarted', at: record.now - 9 * minute })
		.does(ada, { type: 'setMilestone', milestone: 'impactStarted', at: record.now - 7 * minute })
		.does(ada, { type: 'setMilestone', milestone: 'impactStarted', at: null })
		.does(ada, { type: 'setStatus', status: 'resolved' })
		.does(ada, { type: 'reopen' });
	expect(readRecord(record.facts, nameOf).items.map(({ text }) => text)).toEqual([
		'Incident declared by Ada',
		'Severity not set → SEV3 by Ada',
		'Phase Investigating by Ada',
		'Ada is acting Commander',
		'Severity SEV3 → SEV1 by Grace',
		'Severity SEV1 → not set by Grace',
		'Grace takes Commander',
		'Grace assigns Ops lead to Linus',
		'Linus assigns Ops lead to Ada from Linus',
		'Ada takes Commander from Grace',
		'Grace releases Ada from Ops lead',
		'Ada releases Commander',
		'Renamed “search is down” by Linus',
		'Link added by Linus: https://example.org/d',
		'Link added by Linus: Dashboard (https://example.org/d)',
		'“Impact started” set to 2026-11-24 02:05 UTC by Ada',
		'“Impact started” corrected to 2026-11-24 02:07 UTC by Ada, 2 min later',
		'“Impact started” cleared by Ada',
		'Phase Investigating → Resolved by Ada',
		'Reopened by Ada',
	]);
});

test.each([
	['backfilled', 'Incident written down by Ada afterwards'],
	['imported', 'Incident imported by Ada'],
] as const)('an incident of origin %s says so', (origin, sentence) => {
	const { items } = readRecord(new TestRecord().declare({ origin }).facts, nameOf);
	expect(items[0]?.text).toBe(sentence);
});

test('a claim that came too late names who has the role', () => {
	const record = new TestRecord().declare().does(grace, { type: 'takeRole', role: 'ops' });
	const claim = lostClaim(record, { type: 'takeRole', role: 'ops' }, record.contextOf(linus));
	if (claim) record.facts.push(claim);
	const { items } = readRecord(record.facts, nameOf);
	expect(items.at(-1)?.text).toBe('Linus claims Ops lead too; Grace has it');
});

test('names are joined at reading, so that somebody can be renamed or forgotten', () => {
	const record = new TestRecord().declare();
	expect(readRecord(record.facts, () => 'Ada L').items[0]?.text).toBe('Incident declared by Ada L');
});
