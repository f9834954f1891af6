import type {
	GroupFigures,
	MetricIncidentsAnswer,
	MetricsAnswer,
} from '#core/review/metrics/answer.ts';
import type { SeverityFilter } from '#core/review/metrics/groupings.ts';
import type { MeasureId } from '#core/review/metrics/measures.ts';
import { duration } from '#core/time.ts';
import { severityNames, type Chart, type SeverityName } from '$lib/charts/drawing.ts';
import { heatMap } from '$lib/charts/heat.ts';
import { stackedBars } from '$lib/charts/stacked.ts';
import { stripPlot, type StripDot } from '$lib/charts/strip.ts';
import { trendLine } from '$lib/charts/trend.ts';

/** The address of the incidents that these words of a query add to the page's filters. */
export type HrefOf = (more: Readonly<Record<string, string>>) => string;

function filterOf(name: SeverityName): SeverityFilter {
	return name === 'Not set' ? 'none' : name;
}

function nameOf(severity: string | null): SeverityName {
	return severityNames.find((name) => name === severity) ?? 'Not set';
}

/** Each incident with the time that it took to resolve, by its highest severity. */
export function resolveTimes(
	bySeverity: MetricsAnswer,
	{ incidents }: Pick<MetricIncidentsAnswer, 'incidents'>,
	hrefOf: HrefOf,
): Chart {
	const dots = Map.groupBy(incidents, ({ severity }) => nameOf(severity));
	const rows = severityNames.flatMap((severity) => {
		const filter = filterOf(severity);
		const group = bySeverity.groups.find(({ key }) => nameOf(key) === severity);
		const measured = group?.figures.measures.ttrResolve;
		if (!measured || measured.n === 0) return [];
		return [
			{
				severity,
				dots: (dots.get(severity) ?? []).flatMap(dotOf),
				...{ count: measured.n, medianMs: measured.medianMs, p90Ms: measured.p90Ms },
				href: hrefOf({ measure: 'ttrResolve', state: 'valid', severity: filter }),
			},
		];
	});
	return stripPlot('Time to resolve, by severity', rows);
}

function dotOf({ number, title, value }: MetricIncidentsAnswer['incidents'][number]): StripDot[] {
	const ms = value?.ms ?? null;
	if (ms === null) return [];
	return [{ ms, label: `INC-${number} ${title}: ${duration(ms)}`, href: `/i/${number}` }];
}

/** How many incidents each stretch has, by severity. */
export function incidentsPer(
	per: 'week' | 'month',
	{ groups }: Pick<MetricsAnswer, 'groups'>,
	hrefOf: HrefOf,
): Chart {
	const bins = groups.map(({ key, figures }) => {
		const stretch = { by: per, key: key ?? '' };
		return {
			label: key ?? '',
			href: hrefOf(stretch),
			counts: severityNames.map((severity) => ({
				severity,
				count: figures.bySeverity[filterOf(severity)],
				href: hrefOf({ ...stretch, severity: filterOf(severity) }),
			})),
		};
	});
	return stackedBars({ title: `Incidents by ${per}`, per }, bins);
}

/** When incidents are declared. */
export function hoursOfWeek({ groups, tz }: MetricsAnswer, hrefOf: HrefOf): Chart {
	const cells = groups.map(({ key, figures }) => {
		const [weekday = 0, hour = 0] = (key ?? '').split('-').map(Number);
		const href = hrefOf({ by: 'weekHour', key: key ?? '' });
		return { weekday, hour, count: figures.incidents, href };
	});
	return heatMap({ title: 'When', zone: tz }, cells);
}

/** A measure's median from month to month. */
export function medianByMonth(
	{ id, name }: { id: MeasureId; name: string },
	{ groups }: Pick<MetricsAnswer, 'groups'>,
	hrefOf: HrefOf,
): Chart {
	const points = groups.map(({ key, figures }) => {
		const measured = measuredIn(figures, id);
		return {
			label: key ?? '',
			medianMs: measured?.medianMs ?? null,
			count: measured?.n ?? 0,
			href: hrefOf({ by: 'month', key: key ?? '', measure: id, state: 'valid' }),
		};
	});
	return trendLine(name, points);
}

function measuredIn({ measures }: GroupFigures, id: MeasureId) {
	return measures[id];
}
