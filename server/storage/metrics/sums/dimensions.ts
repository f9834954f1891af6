import type { Grouping } from '#core/review/metrics/groupings.ts';
import type { Question } from '../scope.ts';

/** By what months and years are summed up; `all` has the one key '', `hours` are those of the week in one zone. */
export const dimensions = ['all', 'severity', 'service', 'team', 'cause', 'hours'] as const;
export type Dimension = (typeof dimensions)[number];

/** Which sums a question can be answered from: of the keys that it filters by, or of each. */
export interface Cut {
	readonly dimension: Dimension;
	readonly keys: readonly string[] | null;
	/** What is a group: all of it, what has the same key, or the same hour of whatever day. */
	readonly groups: 'none' | 'keys' | 'dayHours';
}

const named = ['severity', 'service', 'team', 'cause'] as const;

/** The sums that answer a question; null where only its incidents do. */
export function cutOf({ scope, by }: Question): Cut | null {
	if (scope.kind !== 'incident') return null;
	const filters = new Map<Dimension, readonly string[]>();
	if (scope.severities !== null) filters.set('severity', scope.severities);
	for (const one of ['service', 'team', 'cause'] as const) {
		const key = scope[one];
		if (key !== null) filters.set(one, [key]);
	}
	if (filters.size > 1) return null;
	const [[dimension, keys] = ['all', null] as const] = filters;
	if (by === null || isStretch(by)) return { dimension, keys, groups: 'none' };
	if (by === 'hour' || by === 'weekHour') {
		const groups = by === 'hour' ? 'dayHours' : 'keys';
		return dimension === 'all' ? { dimension: 'hours', keys, groups } : null;
	}
	const grouped = named.find((one) => one === by);
	if (!grouped) return null;
	if (dimension === 'all') return { dimension: grouped, keys: null, groups: 'keys' };
	// An incident that concerns a service may concern others, which are groups too.
	return dimension === 'severity' && grouped === 'severity'
		? { dimension, keys, groups: 'keys' }
		: null;
}

function isStretch(by: Grouping): boolean {
	return by === 'week' || by === 'month' || by === 'year';
}

/** How many buckets lie between a length and its double: the more incidents a sum has, the finer. */
const grains: Readonly<Record<Dimension, number>> = {
	all: 16,
	severity: 8,
	service: 8,
	team: 8,
	cause: 8,
	hours: 8,
};

/** Lengths from a second to 70 years, as powers of two of ms; what is beyond is in the first or the last bucket. */
const powers = { first: 10, last: 41 } as const;

/** Where the buckets of a dimension begin, in ms: whole numbers, so that everybody counts the same. */
export function bucketsOf(dimension: Dimension): readonly number[] {
	const grain = grains[dimension];
	const starts: number[] = [];
	for (let power = powers.first; power < powers.last; power++) {
		for (let step = 0; step < grain; step++) starts.push((2 ** power / grain) * (grain + step));
	}
	return starts;
}
