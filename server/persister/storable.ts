import { isUuid } from '#core/ids.ts';

const longest = 10_000;
const earliest = Date.parse('0001-01-01T00:00:00Z');
const latest = Date.parse('9999-12-31T23:59:59.999Z');

/** A text as PostgreSQL can keep it, at most this long: no NUL, no half of a surrogate pair. */
export function storableText(text: string, max = longest): string {
	return text.slice(0, max).replaceAll('\0', '').toWellFormed();
}

/** An instant (epoch ms) in ISO 8601, moved into the years 1 to 9999, which PostgreSQL and JSON readers share. */
export function storableInstant(at: number): string;
export function storableInstant(at: number | null | undefined): string | null;
export function storableInstant(at: number | null | undefined): string | null {
	if (at === null || at === undefined || Number.isNaN(at)) return null;
	return new Date(Math.min(latest, Math.max(earliest, at))).toISOString();
}

/** A person's id if it is one. */
export function storableId<T extends string>(id: T | null | undefined): T | null {
	return id && isUuid(id) ? id : null;
}

/**
 * Plain data as JSON in one form only: names sorted, no blanks, every text storable. Two replicas
 * that read the same write the same, letter by letter.
 */
export function canonicalJson(value: unknown): string {
	return JSON.stringify(value, (_name, part: unknown) => {
		if (typeof part === 'string') return storableText(part, Number.MAX_SAFE_INTEGER);
		return isRecord(part) ? sorted(part) : part;
	});
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sorted(record: Record<string, unknown>): Record<string, unknown> {
	return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
