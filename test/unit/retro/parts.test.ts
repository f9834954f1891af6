import { expect, test } from 'vitest';
import type { EntryId, FactId, PersonId } from '#core/ids.ts';
import type { Milestone } from '#core/incident/lifecycle.ts';
import type { TimelineItem } from '#core/incident/reading.ts';
import { partsOf } from '#core/retro/parts.ts';

const ada = '00000000-0000-4000-8000-0000000000ad' as PersonId;

function milestonesAt(times: Partial<Record<Milestone, number>>) {
	const reached = Object.entries(times).map(([name, at]) => {
		return [name, { at, by: ada, recordedAt: at, fact: name as FactId }] as const;
	});
	return { milestones: Object.fromEntries(reached) };
}

function lineAt(occurredAt: number): TimelineItem {
	return {
		...{ id: `line ${occurredAt}` as EntryId, kind: 'note', source: 'entry', text: 'a line' },
		...{ by: ada, occurredAt, recordedAt: occurredAt, starred: true, struck: false },
	};
}

/** The parts of lines at these times, as `name: times`. */
function parts(times: Partial<Record<Milestone, number>>, lines: readonly number[]): string[] {
	return partsOf(milestonesAt(times), lines.map(lineAt)).map(
		({ name, items }) => `${name}: ${items.map(({ occurredAt }) => occurredAt).join(' ')}`,
	);
}

const all = { impactStarted: 5, detected: 10, declared: 12, identified: 20, resolved: 30 };

test('the lines of a timeline fall into detection, diagnosis and repair by its milestones', () => {
	expect(parts(all, [8, 11, 20, 21, 30, 31])).toEqual([
		...['Detection: 8', 'Diagnosis: 11 20', 'Repair: 21 30', 'Afterwards: 31'],
	]);
});

test('without a time of detection it lasts until the declaration', () => {
	expect(parts({ declared: 12, identified: 20 }, [12, 13])).toEqual([
		...['Detection: 12', 'Diagnosis: 13'],
	]);
});

test('where nobody said when the cause was identified, diagnosis and repair are not told apart', () => {
	expect(parts({ detected: 10, mitigated: 25, resolved: 30 }, [10, 15, 26])).toEqual([
		...['Detection: 10', 'Diagnosis and repair: 15 26'],
	]);
});

test('an incident that was reopened was not over: nothing of it stands under Afterwards', () => {
	const reopened: TimelineItem = { ...lineAt(35), kind: 'reopened', source: 'fact' };
	const told = partsOf(milestonesAt(all), [lineAt(21), lineAt(31), reopened, lineAt(40)]);
	expect(told.map(({ name, items }) => [name, items.length])).toEqual([['Repair', 4]]);
});

test('what no border is known of has no name', () => {
	expect(parts({}, [1, 2])).toEqual(['null: 1 2']);
	expect(parts({ identified: 20, resolved: 30 }, [19, 21, 31])).toEqual([
		...['null: 19', 'Repair: 21', 'Afterwards: 31'],
	]);
});

test('milestones in an impossible order lose no line', () => {
	expect(parts({ detected: 30, identified: 20, resolved: 10 }, [5, 15, 25, 35])).toEqual([
		...['Detection: 5', 'Afterwards: 15 25 35'],
	]);
});
