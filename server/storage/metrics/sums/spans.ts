import type { Question } from '../scope.ts';

/** The months (their first days) of a group that are summed up and lie in it, but for what `Span`s say. */
export interface Months {
	/** The number of the group's stretch from 1 on; 1 without stretches. */
	readonly stretch: number;
	readonly months: readonly string[];
}

/** Time of which incidents are read one by one: they come to those of the months, or are taken away. */
export interface Span {
	readonly stretch: number;
	readonly sign: 1 | -1;
	/** ISO 8601 UTC, half-open. */
	readonly from: string;
	readonly to: string;
}

export interface Pieces {
	readonly months: readonly Months[];
	readonly spans: readonly Span[];
}

/**
 * A question's stretches, or its period, made of months: each end is moved to the nearest beginning of a
 * month, and what that adds or leaves out is a span. Months that are not summed up are spans too.
 */
export function piecesOf(
	{ from, to, stretches }: Pick<Question, 'from' | 'to' | 'stretches'>,
	summed: ReadonlySet<string>,
): Pieces {
	const asked = stretches.length > 0 ? stretches : [{ from, to }];
	const months: Months[] = [];
	const spans: Span[] = [];
	asked.forEach((one, i) => {
		const stretch = i + 1;
		const pieces = cut(Date.parse(one.from), Date.parse(one.to), summed);
		months.push({ stretch, months: pieces.months });
		for (const { sign, since, until } of pieces.spans) {
			if (since < until) spans.push({ stretch, sign, from: isoOf(since), to: isoOf(until) });
		}
	});
	return { months, spans };
}

interface Cut {
	readonly months: readonly string[];
	readonly spans: readonly Readonly<Record<'since' | 'until', number> & Pick<Span, 'sign'>>[];
}

function cut(since: number, until: number, summed: ReadonlySet<string>): Cut {
	const [first, last] = [nearest(since), nearest(until)];
	const months: string[] = [];
	const spans = [...between(since, first), ...between(last, until)];
	for (let at = first; at < last; at = beginning(at, 1)) {
		const month = isoOf(at).slice(0, 10);
		if (summed.has(month)) months.push(month);
		else spans.push({ sign: 1, since: at, until: beginning(at, 1) });
	}
	return months.length > 0 ? { months, spans } : { months, spans: [{ sign: 1, since, until }] };
}

/** What has to be added to come from one instant to another, or be taken away. */
function between(since: number, until: number): Cut['spans'] {
	return since <= until ? [{ sign: 1, since, until }] : [{ sign: -1, since: until, until: since }];
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

/** The parts of a period that lie in months that are not summed up. */
export function unsummedOf(
	{ from, to }: Pick<Question, 'from' | 'to'>,
	summed: ReadonlySet<string>,
): readonly Pick<Span, 'from' | 'to'>[] {
	const parts: { since: number; until: number }[] = [];
	for (let at = beginning(Date.parse(from)); at < Date.parse(to); at = beginning(at, 1)) {
		const last = parts.at(-1);
		if (summed.has(isoOf(at).slice(0, 10))) continue;
		if (last?.until === at) last.until = beginning(at, 1);
		else parts.push({ since: at, until: beginning(at, 1) });
	}
	return parts.map(({ since, until }) => ({ from: isoOf(since), to: isoOf(until) }));
}

function isoOf(at: number): string {
	return new Date(at).toISOString();
}
