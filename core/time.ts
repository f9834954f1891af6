const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const earliest = Date.parse('0000-01-01T00:00:00Z');
const latest = Date.parse('9999-12-31T23:59:59.999Z');

/** Whether a value is an instant in epoch ms that every form of a date can hold: years 0 to 9999. */
export function isInstant(value: unknown): value is number {
	return typeof value === 'number' && value >= earliest && value <= latest;
}

/** An instant that is counted in microseconds, as the journal does, in epoch ms. */
export function epochMs(microseconds: number): number {
	return Math.floor(microseconds / 1_000);
}

/** An instant's time of day in UTC, `02:41`. */
export function clockTime(at: number): string {
	return new Date(at).toISOString().slice(11, 16);
}

/** An instant's day in UTC, `2026-11-24`. */
export function dayOf(at: number): string {
	return new Date(at).toISOString().slice(0, 10);
}

/** The days of the week in the order of ISO 8601. */
export const weekdays = [
	'Monday',
	'Tuesday',
	'Wednesday',
	'Thursday',
	'Friday',
	'Saturday',
	'Sunday',
] as const;

/** An instant in UTC for people, `2026-11-24 02:41:07 UTC`. */
export function fullTime(at: number): string {
	return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** A running time, `00:47:12`, with days in front when there are any. */
export function elapsed(ms: number): string {
	const rest = Math.max(0, ms);
	const days = Math.floor(rest / day);
	const clock = new Date(rest % day).toISOString().slice(11, 19);
	return days > 0 ? `${days} d ${clock}` : clock;
}

/** A length of time in one rounded unit, in words: `one second`, `6 min`, `3 h`, `2 d`. */
export function roundedDuration(ms: number): string {
	if (ms < 1.5 * second) return 'one second';
	if (ms < minute - second / 2) return `${Math.round(ms / second)} seconds`;
	if (ms < hour - minute / 2) return `${Math.round(ms / minute)} min`;
	if (ms < 2 * day - hour / 2) return `${Math.round(ms / hour)} h`;
	return `${Math.round(ms / day)} d`;
}

/** A length of time in its two largest units, in words: `42 s`, `58 min`, `1 h 12 min`, `3 d 14 h`. */
export function duration(ms: number): string {
	if (ms < minute - second / 2) return `${Math.round(ms / second)} s`;
	const minutes = Math.round(ms / minute);
	if (minutes < 60) return `${minutes} min`;
	if (minutes < 24 * 60) return twoUnits([minutes, 60], ['h', 'min']);
	return twoUnits([Math.round(ms / hour), 24], ['d', 'h']);
}

function twoUnits([count, per]: [number, number], [large, small]: [string, string]): string {
	const rest = count % per;
	return `${Math.floor(count / per)} ${large}${rest > 0 ? ` ${rest} ${small}` : ''}`;
}
