const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** When something happened, as somebody typed it. Instants are epoch milliseconds. */
export interface When {
	readonly occurredAt: number;
	readonly endedAt?: number;
	readonly approximate?: true;
	/** Whoever typed it said seconds. */
	readonly toTheSecond?: true;
}

/** No written time is longer than this, so nothing beyond it is looked at. */
const longest = 64;

const ago = /^(~?)-(?=\d)(?:(\d{1,3})d)?(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?(?=\s|$)/i;

const clock =
	/^(~?)(?:(yesterday|today|\d{4}-\d\d-\d\d)[ T]{1,3})?(\d{1,2}:\d\d(?::\d\d)?)(?: ?[-–] ?(\d{1,2}:\d\d(?::\d\d)?))?(?:Z| UTC)?(?=\s|$)/i;

/**
 * The time at the start of a text, in UTC, and how many characters it takes; null if there is none.
 * `-10m` and `-1h30m` count back from now, `02:41` is the latest such instant that has come,
 * `yesterday 23:50` and `2026-11-24 23:50` say the day, `~` makes it approximate, `02:41-02:55` a range.
 */
export function readWhen(text: string, now: number): { when: When; length: number } | null {
	const head = text.slice(0, longest);
	return readAgo(head, now) ?? readClock(head, now);
}

function readAgo(head: string, now: number): { when: When; length: number } | null {
	const [all, tilde, days, hours, minutes, seconds] = ago.exec(head) ?? [];
	if (all === undefined) return null;
	const back =
		Number(days ?? 0) * dayMs +
		Number(hours ?? 0) * hourMs +
		Number(minutes ?? 0) * minuteMs +
		Number(seconds ?? 0) * secondMs;
	return { when: whenOf(now - back, null, { tilde, hasSeconds: !!seconds }), length: all.length };
}

function readClock(head: string, now: number): { when: When; length: number } | null {
	const [all, tilde, day, start, end] = clock.exec(head) ?? [];
	if (all === undefined || start === undefined) return null;
	const date = dateOf(day, now);
	const from = timeOfDay(start);
	const to = end === undefined ? null : timeOfDay(end);
	if (date === null || from === null || (end !== undefined && to === null)) return null;
	const isEarlierDay = day === undefined && date + from > now;
	const startedAt = date + from - (isEarlierDay ? dayMs : 0);
	const endedAt = to === null ? null : startedAt - from + to + (to < from ? dayMs : 0);
	const hasSeconds = start.length > 5;
	return { when: whenOf(startedAt, endedAt, { tilde, hasSeconds }), length: all.length };
}

function whenOf(
	occurredAt: number,
	endedAt: number | null,
	{ tilde, hasSeconds }: { tilde: string | undefined; hasSeconds: boolean },
): When {
	return {
		occurredAt,
		...(endedAt === null || endedAt === occurredAt ? {} : { endedAt }),
		...(tilde ? { approximate: true as const } : {}),
		...(hasSeconds ? { toTheSecond: true as const } : {}),
	};
}

/** The start of a day in UTC, or null if the calendar has no such day. */
function dateOf(day: string | undefined, now: number): number | null {
	const today = Math.floor(now / dayMs) * dayMs;
	switch (day?.toLowerCase()) {
		case undefined:
		case 'today':
			return today;
		case 'yesterday':
			return today - dayMs;
		default: {
			const at = Date.parse(`${day}T00:00:00Z`);
			const isReal = !Number.isNaN(at) && new Date(at).toISOString().slice(0, 10) === day;
			return isReal ? at : null;
		}
	}
}

/** `02:41:30` as milliseconds since midnight, or null if a clock never shows it. */
function timeOfDay(text: string): number | null {
	const [hours = 0, minutes = 0, seconds = 0] = text.split(':').map(Number);
	if (hours > 23 || minutes > 59 || seconds > 59) return null;
	return hours * hourMs + minutes * minuteMs + seconds * secondMs;
}

/** Why a time is worth asking about before it is kept: it has not come yet, or is over a day back. */
export function doubtOf({ occurredAt, endedAt }: When, now: number): 'future' | 'longAgo' | null {
	if (occurredAt > now || (endedAt ?? occurredAt) > now) return 'future';
	return now - occurredAt > dayMs ? 'longAgo' : null;
}

/** `15m`, `2h` or `1h30m` at the end of a text, as milliseconds, and where it starts; null if there is none. */
export function readDuration(text: string): { ms: number; at: number } | null {
	const [all, hours, minutes] = /\s(?=\d)(?:(\d{1,3})h)?(?:(\d{1,4})m(?:in)?)?$/i.exec(text) ?? [];
	if (all === undefined) return null;
	const ms = Number(hours ?? 0) * hourMs + Number(minutes ?? 0) * minuteMs;
	return ms > 0 ? { ms, at: text.length - all.length } : null;
}
