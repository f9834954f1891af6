import { expect, test } from 'vitest';
import { createDocument, impactOf, reportOf } from '#core/incident/document.ts';
import { readBlocks } from '#core/incident/notes.ts';
import { readIncident, type Incident } from '#core/incident/reading.ts';
import { dueAfter } from '#core/retro/due.ts';
import { prefilledReport } from '#core/retro/prefill.ts';
import { defaultTemplate } from '#core/retro/template.ts';
import { wordsOfBlock } from '#core/retro/words.ts';
import { writeBlocks } from '#core/retro/writeBlocks.ts';
import { ada, nameOf } from '../../support/record.ts';

const reached = (time: string) => ({
	...{ at: Date.parse(time), by: ada, recordedAt: 0, fact: 'f' as never },
});

function incident(): Incident {
	const doc = createDocument('follower');
	impactOf(doc).insert(0, '18 % of checkouts failed\n\nin us-east');
	return {
		...readIncident(doc, nameOf),
		title: 'checkout is down',
		severity: 'SEV2',
		theory: 'the pool is full',
		milestones: {
			declared: reached('2026-11-24T02:13:00Z'),
			resolved: reached('2026-11-24T03:31:00Z'),
		},
	};
}

test('a new retrospective says what is known, section by section, and names nobody', () => {
	const report = prefilledReport(incident(), defaultTemplate);
	const words = report.flatMap(wordsOfBlock);
	expect(words).toEqual(expect.arrayContaining(defaultTemplate.map(({ heading }) => heading)));
	expect(words).toContain(
		'SEV2, from 2026-11-24 02:13:00 UTC to 2026-11-24 03:31:00 UTC (1 h 18 min): checkout is down',
	);
	expect(words).toEqual(
		expect.arrayContaining(['18 % of checkouts failed', 'in us-east', 'the pool is full']),
	);
	expect(report).toContainEqual({ kind: 'reference', of: 'timeline' });
	expect(words.join(' ').toLowerCase()).not.toContain('root cause');
	expect(words.join(' ')).not.toContain('Ada');
});

test('what is written as blocks reads as the same blocks again', () => {
	const doc = createDocument('editing');
	const blocks = [
		...prefilledReport(incident(), defaultTemplate),
		{ kind: 'code' as const, text: 'drain us-east' },
		{
			kind: 'list' as const,
			isOrdered: true,
			items: [[{ kind: 'paragraph' as const, spans: [{ text: 'a', bold: true as const }] }]],
		},
		{ kind: 'quote' as const, blocks: [{ kind: 'rule' as const }] },
		{
			kind: 'paragraph' as const,
			spans: [{ text: 'see ' }, { text: 'here', href: 'https://example.com/' }],
		},
	];
	writeBlocks(reportOf(doc), blocks);
	expect(readBlocks(reportOf(doc))).toEqual(blocks);
});

test.each([
	['2026-11-23T09:00:00Z', '2026-11-30'], // a Monday
	['2026-11-27T23:59:59Z', '2026-12-04'], // a Friday
	['2026-11-28T12:00:00Z', '2026-12-04'], // a Saturday
])('a retrospective of what was resolved at %s is due at the end of %s', (resolved, day) => {
	const due = new Date(dueAfter(Date.parse(resolved))).toISOString();
	expect(due).toBe(`${day}T23:59:59.000Z`);
});
