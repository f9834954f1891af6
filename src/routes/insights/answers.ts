import type { MetricIncidentsAnswer, MetricsAnswer } from '#core/review/metrics/answer.ts';
import type { MeasureId } from '#core/review/metrics/measures.ts';
import { readApi } from '$lib/api.ts';
import { filtersOf, withMore, type Choice } from './choice.ts';
import { lengthOf } from './period.ts';

/** What the page is made of, as the API answered. */
export interface Answers {
	/** All that is asked of the whole period. */
	readonly total: MetricsAnswer;
	/** The measures of the stretch before; null where there is none. */
	readonly previous: MetricsAnswer['previous'];
	/** The measures that stand first, by month. */
	readonly months: MetricsAnswer;
	/** Null where the period is too long for weeks. */
	readonly weeks: MetricsAnswer | null;
	readonly severities: MetricsAnswer;
	readonly hours: MetricsAnswer;
	readonly breakdown: MetricsAnswer;
	/** Those with a time to resolve, the newest. */
	readonly resolved: MetricIncidentsAnswer;
	/** Whether there is an incident in any period. */
	readonly isNew: boolean;
}

/** The measures that stand first; the others are variants of theirs. */
export const mainMeasures: readonly MeasureId[] = ['ttd', 'tta', 'ttm', 'ttrResolve'];

/** So many incidents have a dot. */
const mostDots = 500;
/** Up to so many days the bars are weeks, months after that. */
const mostDaysInWeeks = 190;

type Asker = Parameters<typeof readApi>[0];

/** Asks the API for everything that the page shows, at once. */
export async function askApi(asker: Asker, choice: Choice): Promise<Answers> {
	const filters = filtersOf(choice);
	const days = lengthOf(choice.days);
	const hasWeeks = days !== null && days <= mostDaysInWeeks;
	const figures = (more: Record<string, string>) =>
		readApi<MetricsAnswer>(asker, `/metrics?${withMore(filters, more)}`);
	// What nobody shows need not be worked out: of very many incidents that takes its time.
	const groups = (
		by: string,
		parts = 'measures',
		measures: readonly MeasureId[] = ['ttrResolve'],
	) => figures({ by, parts, measures: measures.join(','), total: 'counted' });
	const counts = (by: string) => figures({ by, parts: 'counts' });
	const dots = { measure: 'ttrResolve', state: 'valid', limit: String(mostDots) };
	const none = Promise.resolve(null);
	const [total, before, months, weeks, severities, hours, breakdown, resolved] = await Promise.all([
		figures({}),
		days === null ? none : figures({ compare: 'previous', parts: 'measures', total: 'counted' }),
		groups('month', 'measures', mainMeasures),
		hasWeeks ? counts('week') : none,
		groups('severity'),
		counts('weekHour'),
		groups(choice.by, 'measures,downtime'),
		readApi<MetricIncidentsAnswer>(asker, `/metrics/incidents?${withMore(filters, dots)}`),
	]);
	const isNew = total.total.incidents === 0 && (await isEmpty(asker));
	const previous = before?.previous ?? null;
	return { total, previous, months, weeks, severities, hours, breakdown, resolved, isNew };
}

async function isEmpty(asker: Asker): Promise<boolean> {
	const { count } = await readApi<MetricIncidentsAnswer>(
		asker,
		'/metrics/incidents?from=all&limit=1',
	);
	return count === 0;
}
