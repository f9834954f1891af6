import { expect, test } from 'vitest';
import { timeOfUlid, ulidSource, type TaskId } from '../../../core/ids.ts';
import { ageWords, dueWords } from '../../../src/lib/room/taskWords.ts';

const now = Date.UTC(2026, 10, 24, 3, 0);
const idAt = (at: number) =>
	ulidSource(
		() => at,
		(bytes) => bytes.fill(7),
	)() as TaskId;

test('a ULID tells when it was made', () => {
	expect(timeOfUlid(idAt(now))).toBe(now);
	expect(timeOfUlid(idAt(0))).toBe(0);
});

test('a task says how old it is', () => {
	expect(ageWords({ id: idAt(now - 6 * 60_000) }, now)).toBe('6 min');
	expect(ageWords({ id: idAt(now - 20_000) }, now)).toBe('new');
	expect(ageWords({ id: idAt(now + 20_000) }, now)).toBe('new');
});

test('a task says when it is due and how late it is, until it is done', () => {
	expect(dueWords({ due: now + 11 * 60_000, done: false }, now)).toEqual({
		text: 'due 03:11, in 11 min',
		isLate: false,
	});
	expect(dueWords({ due: now - 3 * 60_000, done: false }, now)).toEqual({
		text: 'overdue 3 min',
		isLate: true,
	});
	expect(dueWords({ due: now, done: false }, now)).toEqual({ text: 'due now', isLate: true });
	expect(dueWords({ due: now - 3 * 60_000, done: true }, now)).toBeNull();
	expect(dueWords({ due: null, done: false }, now)).toBeNull();
});
