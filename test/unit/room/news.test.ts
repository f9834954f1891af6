import { expect, test } from 'vitest';
import type { EntryId, PersonId } from '#core/ids.ts';
import { emptyState } from '#core/incident/fold.ts';
import { incidentOf, type TimelineItem } from '#core/incident/reading.ts';
import { isWorse, newsOf, rolesGiven } from '../../../src/lib/room/news.ts';

const ada = 'aaaaaaaa-0000-4000-8000-000000000001' as PersonId;
const nameOf = () => 'Ada';
const entry: TimelineItem = {
	id: '01JDD0000000000000000000AA' as EntryId,
	kind: 'note',
	source: 'entry',
	text: 'Rollback started',
	by: ada,
	occurredAt: 1,
	recordedAt: 1,
	starred: false,
	struck: false,
};

test('one new entry is told with who logged it, a fact says so itself', () => {
	expect(newsOf([entry], nameOf)).toBe('Rollback started, Ada');
	expect(newsOf([{ ...entry, source: 'fact', text: 'Reopened by Ada' }], nameOf)).toBe(
		'Reopened by Ada',
	);
	expect(newsOf([], nameOf)).toBe(null);
});

test('many new entries are one sentence with the latest', () => {
	expect(newsOf([entry, entry, { ...entry, actors: 'Linus' }], nameOf)).toBe(
		'3 new entries; latest: Rollback started, Linus',
	);
});

test('a severity that is set is worse than none, SEV1 worse than SEV2', () => {
	expect(isWorse('SEV5', null)).toBe(true);
	expect(isWorse('SEV1', 'SEV2')).toBe(true);
	expect(isWorse('SEV2', 'SEV1')).toBe(false);
	expect(isWorse(null, 'SEV5')).toBe(false);
});

test('a role that I had before is no news', () => {
	const before = incidentOf(emptyState);
	const now = {
		...before,
		roles: { ...before.roles, ops: { person: ada, since: 1, acting: false } },
	};
	expect(rolesGiven(before, now, ada)).toBe('Ops lead');
	expect(rolesGiven(now, now, ada)).toBe(null);
});
