import { isOver } from '../../incident/lifecycle.ts';
import type { Fact } from '../../incident/record.ts';

/** A stretch of time in epoch ms; `until` is null while it lasts. */
export interface Span {
	readonly since: number;
	readonly until: number | null;
}

/**
 * When an incident was open: from its declaration until it was over, and again from each reopening.
 * `began` takes the place of the declaration's own time, which may have been corrected.
 */
export function openSpans(facts: readonly Fact[], began: number): readonly Span[] {
	const spans: Span[] = [{ since: began, until: null }];
	for (const fact of facts) {
		const last = spans.at(-1);
		if (!last) return spans;
		const isOpen = last.until === null;
		if (isOpen && fact.kind === 'status' && isOver(fact.status)) {
			spans[spans.length - 1] = { since: last.since, until: fact.occurredAt };
		}
		if (!isOpen && fact.kind === 'reopened') spans.push({ since: fact.occurredAt, until: null });
	}
	return spans;
}

/** The parts of some stretches that lie in none of the others, which may overlap and be in any order. */
export function without(spans: readonly Span[], others: readonly Span[]): readonly Span[] {
	const inOrder = others.toSorted((a, b) => a.since - b.since);
	return spans.flatMap((span) => leftOf(span, inOrder));
}

function leftOf(span: Span, others: readonly Span[]): readonly Span[] {
	const end = span.until ?? Infinity;
	const left: Span[] = [];
	let at = span.since;
	for (const { since, until } of others) {
		if (since >= end || at >= end) break;
		if (since > at) left.push({ since: at, until: since });
		at = Math.max(at, until ?? Infinity);
	}
	if (at < end) left.push({ since: at, until: span.until });
	return left;
}

/** How much of some stretches that do not overlap is over, in ms, and since when one goes on. */
export function lengthOf(spans: readonly Span[]): {
	readonly ms: number;
	readonly since: number | null;
} {
	let ms = 0;
	let since: number | null = null;
	for (const span of spans) {
		if (span.until === null) since = span.since;
		else ms += Math.max(0, span.until - span.since);
	}
	return { ms, since };
}
