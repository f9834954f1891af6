import * as z from 'zod/mini';
import { kinds } from '../../incident/lifecycle.ts';
import { textLimits } from '../../textLimits.ts';
import { instant, isPlainText } from '../../wire.ts';
import { groupings, severityFilters } from './groupings.ts';
import { measureIds, measureStates } from './measures.ts';
import { zone } from './zone.ts';

/** One end of a period: a day, which begins at midnight in the zone that is asked for, or an instant. */
export type PeriodEnd = { readonly day: string } | { readonly at: number };

const dayPattern = /^(19[7-9]\d|[2-9]\d{3})-\d{2}-\d{2}$/;
const wrongEnd = 'This is neither a day like 2026-11-24 nor an instant like 2026-11-24T02:13:00Z.';

const periodEnd = z.pipe(
	z.string().check(z.refine((text) => endOf(text) !== null, wrongEnd)),
	z.transform((text): PeriodEnd => endOf(text) ?? { at: 0 }),
);

function endOf(text: string): PeriodEnd | null {
	if (dayPattern.test(text)) return isDay(text) ? { day: text } : null;
	const read = instant.safeParse(text);
	return read.success ? { at: read.data } : null;
}

/** Whether a day is in the calendar: `2026-02-30` is not. */
function isDay(text: string): boolean {
	const at = Date.parse(`${text}T00:00:00Z`);
	return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

const name = z
	.string()
	.check(z.minLength(1), z.maxLength(textLimits.title), z.refine(isPlainText, 'No such name.'));

/** Some of a list of words, with commas in between, each once. */
function someOf<const Word extends string>(words: readonly Word[]) {
	const isOne = (text: string): text is Word => words.some((word) => word === text);
	return z.pipe(
		z.string().check(
			z.refine((text) => text.split(',').every(isOne), {
				error: `This must be some of: ${words.join(', ')}.`,
			}),
		),
		z.transform((text): readonly Word[] => [...new Set(text.split(',').filter(isOne))]),
	);
}

const asked = {
	/** Half-open: `from` is in the period, `to` is not. `all` begins with the first incident. */
	from: z.optional(z.union([z.literal('all'), periodEnd], wrongEnd)),
	to: z.optional(periodEnd),
	tz: z._default(zone, 'UTC'),
	kind: z._default(z.enum(kinds), 'incident'),
	severity: z.optional(someOf(severityFilters)),
	service: z.optional(name),
	team: z.optional(name),
	cause: z.optional(name),
	by: z.optional(z.enum(groupings)),
	format: z._default(z.enum(['json', 'csv']), 'json'),
};

/**
 * What an answer can be asked to leave out by naming the rest: `presence` is people-hours and nights, `retros`
 * are retrospectives. Incidents are always counted: `counts` alone leaves all else out.
 */
export const metricParts = ['counts', 'measures', 'downtime', 'presence', 'retros'] as const;
export type MetricPart = (typeof metricParts)[number];

/** `GET /api/v1/metrics`, as the words of an address. */
export const metricsQuery = z.strictObject({
	...asked,
	compare: z.optional(z.literal('previous')),
	/** Which measures; all unless some are named. */
	measures: z.optional(someOf(measureIds)),
	/** Which parts; all unless some are named. */
	parts: z.optional(someOf(metricParts)),
	/** Whether the total has those measures and parts, too, or is counted alone beside its groups. */
	total: z._default(z.enum(['whole', 'counted']), 'whole'),
});
export type MetricsQuery = z.infer<typeof metricsQuery>;

/** Which incidents of the period a list shows, beside those of a measure's state. */
export const incidentSelections = ['corrected', 'undated', 'downtime', 'unknownDowntime'] as const;
export type IncidentSelection = (typeof incidentSelections)[number];

const shortList = 50;
const longestList = 500;

/** `GET /api/v1/metrics/incidents`: what a figure came from, with the filters that it was asked with. */
export const metricIncidentsQuery = z.strictObject({
	...asked,
	/** A group's key, with `by`; empty for the group that has none. */
	key: z.optional(z.string().check(z.maxLength(textLimits.title), z.refine(isPlainText))),
	measure: z.optional(z.enum(measureIds)),
	state: z.optional(z.enum(measureStates)),
	only: z.optional(z.enum(incidentSelections)),
	/** The newest first, or those with the longest value of the measure. */
	order: z._default(z.enum(['newest', 'longest']), 'newest'),
	limit: z._default(wholeNumber(1, longestList), shortList),
	offset: z._default(wholeNumber(0, 10_000_000), 0),
});
export type MetricIncidentsQuery = z.infer<typeof metricIncidentsQuery>;

function wholeNumber(least: number, most: number) {
	return z.pipe(
		z.string().check(
			z.refine((text) => /^\d{1,8}$/.test(text) && Number(text) >= least && Number(text) <= most, {
				error: `This must be a whole number from ${least} to ${most}.`,
			}),
		),
		z.transform(Number),
	);
}
