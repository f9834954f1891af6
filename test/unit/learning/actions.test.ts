import { expect, test } from 'vitest';
import { compareActions, dueWords, isOverdue, type ActionState } from '#core/learning/actions.ts';
import { actionRequest } from '#core/learning/actionsWire.ts';

const now = Date.parse('2026-11-24T23:59:59Z');
const dated = (dueOn: string | null, state: ActionState = 'open') => ({
	state,
	dueOn,
	madeAt: '2026-11-01T00:00:00.000Z',
});

test('an action is overdue once its due day is over in UTC, and only while it is open', () => {
	expect(isOverdue(dated('2026-11-24'), now)).toBe(false);
	expect(isOverdue(dated('2026-11-24'), now + 1_000)).toBe(true);
	expect(isOverdue(dated('2026-11-23', 'done'), now)).toBe(false);
	expect(isOverdue(dated('2026-11-23', 'dropped'), now)).toBe(false);
	expect(isOverdue(dated(null), now)).toBe(false);
});

test.each<[string | null, string | null]>([
	['2026-11-22', '2 days overdue'],
	['2026-11-23', '1 day overdue'],
	['2026-11-24', 'due today'],
	['2026-11-25', 'due tomorrow'],
	['2027-03-01', 'due in 97 days'],
	[null, null],
])('what is due on %s reads: %s', (dueOn, words) => {
	expect(dueWords(dated(dueOn), now)).toBe(words);
});

test('what is due first comes first, then what has no day, then what has ended', () => {
	const all = [
		dated('2026-11-01', 'done'),
		dated(null),
		dated('2026-12-01'),
		dated('2026-11-01', 'dropped'),
		dated('2026-11-02'),
	];
	expect(all.sort(compareActions).map(({ dueOn, state }) => `${dueOn} ${state}`)).toEqual([
		...['2026-11-02 open', '2026-12-01 open', 'null open'],
		...['2026-11-01 done', '2026-11-01 dropped'],
	]);
});

test.each([
	'javascript:alert(1)',
	'data:text/html,a',
	'ftp://example.com',
	'//example.com',
	'https://a b',
	'https://',
	'https://example.com/\u0000',
	' ',
])('%j is no link to a tracker', (link) => {
	expect(actionRequest.safeParse({ title: 'a', link }).success).toBe(false);
});

test('a link over https or http is one', () => {
	for (const link of ['https://tracker.example.com/browse/OPS-812', 'http://tracker/1']) {
		expect(actionRequest.safeParse({ title: 'a', link }).success).toBe(true);
	}
});

test.each(['2026-02-30', '24.11.2026', '2026-11-24T00:00:00Z', '0000-01-01', ''])(
	'%j is no day',
	(dueOn) => {
		expect(actionRequest.safeParse({ title: 'a', dueOn }).success).toBe(false);
	},
);
