import { timeOfUlid } from '#core/ids.ts';
import type { Task } from '#core/incident/reading.ts';
import { clockTime, roundedDuration } from '#core/time.ts';

const minuteMs = 60_000;

/** How long a task has been on the list, in words. */
export function ageWords({ id }: Pick<Task, 'id'>, now: number): string {
	const age = now - timeOfUlid(id);
	return age < minuteMs ? 'new' : roundedDuration(age);
}

/** When it is due, in words, and whether that is over; null without a time, or once it is done. */
export function dueWords(
	{ due, done }: Pick<Task, 'due' | 'done'>,
	now: number,
): { readonly text: string; readonly isLate: boolean } | null {
	if (due === null || done) return null;
	if (due > now) {
		const left = due - now < minuteMs ? 'less than a minute' : roundedDuration(due - now);
		return { text: `due ${clockTime(due)}, in ${left}`, isLate: false };
	}
	const late = now - due < minuteMs ? 'now' : roundedDuration(now - due);
	return { text: late === 'now' ? 'due now' : `overdue ${late}`, isLate: true };
}
