import { entryKinds } from '#core/incident/entries.ts';
import type { TimelineItem } from '#core/incident/reading.ts';
import { dayOf, roundedDuration } from '#core/time.ts';

export const filters = ['all', 'people', 'key', 'decisions'] as const;
/** Which lines of the timeline are shown. */
export type Filter = (typeof filters)[number];

export const filterNames: Readonly<Record<Filter, string>> = {
	all: 'All',
	people: 'People',
	key: '★ Key',
	decisions: 'Decisions',
};

/** The filter that a link names; anything else shows all. */
export function readFilter(text: string | null): Filter {
	return filters.find((filter) => filter === text) ?? 'all';
}

export function matches(item: TimelineItem, filter: Filter): boolean {
	switch (filter) {
		case 'all':
			return true;
		case 'people':
			return item.source === 'entry';
		case 'key':
			return item.starred;
		case 'decisions':
			return item.kind === 'decision';
		default:
			return filter satisfies never;
	}
}

/** A line of the timeline, or the day that begins before one. */
export type Row =
	| { readonly kind: 'day'; readonly id: string; readonly name: string }
	| { readonly kind: 'item'; readonly id: string; readonly item: TimelineItem };

const dayName = new Intl.DateTimeFormat('en-GB', {
	weekday: 'long',
	day: 'numeric',
	month: 'long',
	year: 'numeric',
	timeZone: 'UTC',
});

/** Lines with a separator wherever a new day begins (UTC); a day's id is its date. */
export function rowsOf(items: readonly TimelineItem[]): readonly Row[] {
	const rows: Row[] = [];
	let day = '';
	for (const item of items) {
		const next = dayOf(item.occurredAt);
		if (next !== day) rows.push({ kind: 'day', id: next, name: dayName.format(item.occurredAt) });
		day = next;
		rows.push({ kind: 'item', id: item.id, item });
	}
	return rows;
}

const glyphs: Readonly<Record<string, string>> = {
	note: '●',
	action: '▶',
	finding: '◉',
	decision: '◆',
	theory: '?',
	ruledOut: '✕',
	impact: '◒',
	comms: '✉',
	severity: '▲',
	link: '↗',
	milestone: '◷',
	role: '◇',
};

/** The sign in front of a line; facts without one of their own get a hollow one. */
export function glyphOf(item: TimelineItem): string {
	return glyphs[item.kind] ?? (item.source === 'entry' ? '●' : '◇');
}

/** What a kind is called where it says more than the text; a note says nothing, another's kind its own name. */
export function kindName(kind: string): string {
	if (kind === 'note') return '';
	const known = (entryKinds as Readonly<Record<string, string>>)[kind];
	return known ?? kind.charAt(0).toUpperCase() + kind.slice(1);
}

const worthSayingMs = 60_000;

/** How much later than it happened something was written down, in words; null when at once. */
export function latenessWords(item: TimelineItem): string | null {
	if (item.recordedAt === null) return null;
	const late = item.recordedAt - item.occurredAt;
	return late < worthSayingMs ? null : `logged ${roundedDuration(late)} later`;
}
