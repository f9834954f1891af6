import type { Grouping } from './groupings.ts';

/** The key of a group as answers name it, from the hour or the number by which the store knows it. */
export function keyFrom(
	by: Grouping,
	raw: string | number | null,
	stretchKeys: readonly string[],
): string | null {
	if (typeof raw !== 'number') return raw;
	switch (by) {
		case 'hour':
			return hourOf(raw);
		case 'weekHour':
			return `${Math.floor(raw / 24)}-${hourOf(raw % 24)}`;
		default:
			return stretchKeys[raw - 1] ?? null;
	}
}

/** What the store knows a group by; undefined if no group can have this key. An empty key is that of what has none. */
export function rawKeyOf(
	by: Grouping,
	key: string,
	stretchKeys: readonly string[],
): string | number | null | undefined {
	switch (by) {
		case 'hour':
			return /^([01]\d|2[0-3])$/.test(key) ? Number(key) : undefined;
		case 'weekHour':
			return /^[1-7]-([01]\d|2[0-3])$/.test(key)
				? Number(key[0]) * 24 + Number(key.slice(2))
				: undefined;
		case 'week':
		case 'month':
		case 'year':
			return stretchKeys.includes(key) ? stretchKeys.indexOf(key) + 1 : undefined;
		default:
			return key === '' ? null : key;
	}
}

function hourOf(hour: number): string {
	return String(hour).padStart(2, '0');
}
