import { roundedDuration } from '#core/time.ts';

/** How long until something is due, or since when it is late, in words; instants are epoch ms. */
export function dueWords(due: number, now: number): { text: string; isLate: boolean } {
	const isLate = now > due;
	const length = roundedDuration(Math.abs(due - now));
	return { isLate, text: isLate ? `▲ late by ${length}` : `in ${length}` };
}
