import { describe, expect, test } from 'vitest';
import { isOver, statuses, whyNot, whyNotReopen, type Status } from '#core/incident/lifecycle.ts';
import { ada, TestRecord } from '../../support/record.ts';

/** From each status: where it may go by a command. Staying is no change. */
const allowed: Readonly<Record<Status, string>> = {
	triage: 'investigating identified monitoring resolved declined cancelled',
	investigating: 'triage identified monitoring resolved cancelled',
	identified: 'triage investigating monitoring resolved cancelled',
	monitoring: 'triage investigating identified resolved cancelled',
	resolved: 'closed',
	closed: '',
	declined: '',
	cancelled: '',
};

test.each(statuses)('from %s an incident goes only where the table says', (from) => {
	const goes = statuses.filter((to) => to !== from && whyNot(from, to) === null);
	expect(new Set(goes)).toEqual(new Set(allowed[from].split(' ').filter(Boolean)));
});

test('every way that is closed says why in a sentence', () => {
	for (const from of statuses) {
		for (const to of statuses) {
			const reason = whyNot(from, to);
			if (reason !== null) expect(reason).toMatch(/^[A-Z].*\.$/);
		}
	}
});

test('an incident is over once it is resolved, closed, declined or cancelled', () => {
	expect(statuses.filter(isOver)).toEqual(['resolved', 'closed', 'declined', 'cancelled']);
});

describe('reopening', () => {
	test('is for resolved and closed incidents alone', () => {
		expect(statuses.filter((status) => whyNotReopen(status) === null)).toEqual([
			'resolved',
			'closed',
		]);
	});

	test('is not offered where it is not possible', () => {
		expect(whyNot('resolved', 'monitoring')).toBe('This incident is over. Reopen it first.');
		expect(whyNot('cancelled', 'monitoring')).toBe(
			'This incident was cancelled. Declare a new one instead.',
		);
	});

	test('of an open incident is refused', () => {
		const record = new TestRecord().declare();
		expect(record.asks(ada, { type: 'reopen' })).toMatchObject({
			code: 'conflict',
			message: 'This incident is open already.',
		});
	});

	test('is a fact of its own', () => {
		const record = new TestRecord().declare().does(ada, { type: 'setStatus', status: 'resolved' });
		record.does(ada, { type: 'reopen' });
		expect(record.facts.at(-1)?.kind).toBe('reopened');
		expect(record.state.status).toBe('investigating');
	});
});

test('each status reaches its milestone once, at its first time', () => {
	const record = new TestRecord().declare();
	const times: Record<string, number> = {};
	for (const status of ['identified', 'monitoring', 'resolved'] as const) {
		times[status] = record.later(60_000).now;
		record.does(ada, { type: 'setStatus', status });
	}
	for (const status of ['identified', 'monitoring', 'resolved'] as const) {
		record.later(60_000).does(ada, { type: 'reopen' }).does(ada, { type: 'setStatus', status });
		record.does(ada, { type: 'setStatus', status: 'resolved' });
	}
	expect(record.state.milestones).toMatchObject({
		identified: { at: times['identified'] },
		mitigated: { at: times['monitoring'] },
		resolved: { at: times['resolved'] },
	});
});
