const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** An instant's time of day in UTC, `02:41`. */
export function clockTime(at: number): string {
	return new Date(at).toISOString().slice(11, 16);
}

/** An instant's day in UTC, `2026-11-24`. */
export function dayOf(at: number): string {
	return new Date(at).toISOString().slice(0, 10);
}

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
	if (ms < minute) return `${Math.round(ms / second)} seconds`;
	if (ms < hour) return `${Math.round(ms / minute)} min`;
	if (ms < 2 * day) return `${Math.round(ms / hour)} h`;
	return `${Math.round(ms / day)} d`;
}
