import type { Question } from '../scope.ts';

/** The months and years (as 2026-11 and 2026) that are summed up and lie in a group, but for what `Span`s say. */
export interface Summed {
	/** Which of the question's stretches it is, from 1 on; 1 without stretches. */
	readonly nth: number;
	readonly sums: readonly string[];
}

/** Time of which incidents are read one by one: they come to those of the sums, or are taken away. */
export interface Span {
	readonly nth: number;
	readonly sign: 1 | -1;
	/** ISO 8601 UTC, half-open. */
	readonly from: string;
	readonly to: string;
}

export interface Pieces {
	readonly summed: readonly Summed[];
	readonly spans: readonly Span[];
}

/**
 * A question's stretches, or its period, made of whole months and years: each end is moved to the nearest beginning
 * of a month, and what that adds or leaves out is a span. Months that are not summed up are spans too.
 */
export function piecesOf(
	{ from, to, stretches }: Pick<Question, 'from' | 'to' | 'stretches'>,
	known: ReadonlySet<string>,
): Pieces {
	const asked = stretches.length > 0 ? stretches : [{ from, to }];
	const summed: Summed[] = [];
	const spans: Span[] = [];
	asked.forEach((one, i) => {
		const nth = i + 1;
		const pieces = cut(Date.parse(one.from), Date.parse(one.to), known);
		summed.push({ nth, sums: pieces.sums });
		for (const { sign, since, until } of pieces.spans) {
			if (since < until) spans.push({ nth, sign, from: isoOf(since), to: isoOf(until) });
		}
	});
	return { summed, spans };
}

interface Cut {
	readonly sums: readonly string[];
	readonly spans: readonly Readonly<Record<'since' | 'until', number> & Pick<Span, 'sign'>>[];
}

function cut(since: number, until: number, known: ReadonlySet<string>): Cut {
	const [first, last] = [nearest(since), nearest(until)];
	const { sums, gaps } = cover(first, last, known);
	if (sums.length === 0) return { sums, spans: [{ sign: 1, since, until }] };
	const unsummed = gaps.map((gap) => ({ sign: 1, ...gap }) as const);
	return { sums, spans: [...between(since, first), ...between(last, until), ...unsummed] };
}

/** What has to be added to come from one instant to another, or be taken away. */
function between(since: number, until: number): Cut['spans'] {
	return since <= until ? [{ sign: 1, since, until }] : [{ sign: -1, since: until, until: since }];
}

interface Cover {
	readonly sums: readonly string[];
	/** What no sum covers: whole months, epoch ms. */
	readonly gaps: readonly Readonly<Record<'since' | 'until', number>>[];
}

/** The largest sums that lie between two beginnings of months, and what they leave open. */
function cover(first: number, last: number, known: ReadonlySet<string>): Cover {
	const sums: string[] = [];
	const gaps: { since: number; until: number }[] = [];
	let at = first;
	while (at < last) {
		const [year, month] = [isoOf(at).slice(0, 4), isoOf(at).slice(0, 7)];
		const isYear = month.endsWith('-01') && beginning(at, 12) <= last && known.has(year);
		const next = beginning(at, isYear ? 12 : 1);
		const gap = gaps.at(-1);
		if (isYear) sums.push(year);
		else if (known.has(month)) sums.push(month);
		else if (gap?.until === at) gap.until = next;
		else gaps.push({ since: at, until: next });
		at = next;
	}
	return { sums, gaps };
}

function nearest(at: number): number {
	const [first, next] = [beginning(at), beginning(at, 1)];
	return at - first <= next - at ? first : next;
}

/** The first instant of the month, or of a later one. */
function beginning(at: number, later = 0): number {
	const day = new Date(at);
	day.setUTCHours(0, 0, 0, 0);
	day.setUTCDate(1);
	return day.setUTCMonth(day.getUTCMonth() + later);
}

/** The sums that cover a period, reaching beyond its ends, and the parts of it in which there are none. */
export function coverOf(
	{ from, to }: Pick<Question, 'from' | 'to'>,
	known: ReadonlySet<string>,
): { readonly sums: readonly string[]; readonly gaps: readonly Pick<Span, 'from' | 'to'>[] } {
	const end = Date.parse(to);
	const last = beginning(end) < end ? beginning(end, 1) : end;
	const { sums, gaps } = cover(beginning(Date.parse(from)), last, known);
	return {
		sums,
		gaps: gaps.map(({ since, until }) => ({ from: isoOf(since), to: isoOf(until) })),
	};
}

function isoOf(at: number): string {
	return new Date(at).toISOString();
}
