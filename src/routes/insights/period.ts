/** The periods that are offered, each with its name. All go until today, which is in them. */
export const periods = {
	'7d': '7 days',
	'30d': '30 days',
	'90d': '90 days',
	quarter: 'This quarter',
	year: 'This year',
	all: 'All',
} as const;
export type PeriodName = keyof typeof periods;

/** A stretch of whole days: `from` is in it, `to` is not. `all` begins with the first incident. */
export interface Days {
	readonly from: string;
	readonly to: string;
}

const dayMs = 86_400_000;

/** The day at an instant in a time zone, `2026-11-24`. */
export function dayIn(zone: string, at: number): string {
	const parts = new Intl.DateTimeFormat('en', {
		...{ timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' },
		...{ calendar: 'iso8601', numberingSystem: 'latn' },
	}).formatToParts(at);
	const find = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
	return `${find('year').padStart(4, '0')}-${find('month')}-${find('day')}`;
}

/** So many days later, or earlier. */
export function addDays(day: string, days: number): string {
	return new Date(Date.parse(day) + days * dayMs).toISOString().slice(0, 10);
}

/** Whether a text is a day of the calendar, in the years 1970 to 9999. */
export function isDay(text: string): boolean {
	if (!/^(19[7-9]\d|[2-9]\d{3})-\d{2}-\d{2}$/.test(text)) return false;
	const at = Date.parse(text);
	return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

/** How many days a stretch has; null if it begins with the first incident. */
export function lengthOf({ from, to }: Days): number | null {
	return from === 'all' ? null : (Date.parse(to) - Date.parse(from)) / dayMs;
}

/** The days of a period, today included. */
export function daysOf(name: PeriodName, today: string): Days {
	const to = addDays(today, 1);
	const [year = '', month = ''] = today.split('-');
	switch (name) {
		case '7d':
			return { from: addDays(to, -7), to };
		case '30d':
			return { from: addDays(to, -30), to };
		case '90d':
			return { from: addDays(to, -90), to };
		case 'quarter': {
			const first = Math.floor((Number(month) - 1) / 3) * 3 + 1;
			return { from: `${year}-${String(first).padStart(2, '0')}-01`, to };
		}
		case 'year':
			return { from: `${year}-01-01`, to };
		case 'all':
			return { from: 'all', to };
		default:
			return name satisfies never;
	}
}
