import { csvOf } from '../export/csv.ts';
import type { GroupFigures, MetricIncidentsAnswer, MetricsAnswer } from './answer.ts';
import { severityFilters } from './groupings.ts';
import { measureIds, measures } from './measures.ts';

const head = [
	...['from', 'to', 'time_zone', 'as_of', 'by', 'group', 'figure', 'variant', 'value'],
	...['n', 'mean_seconds', 'median_seconds', 'p90_seconds', 'p95_seconds'],
	...['pending', 'not_applicable', 'invalid', 'zero'],
];

/** The figures as a table: a row for each figure of the total and of each group. Lengths are in seconds. */
export function metricsCsv(answer: MetricsAnswer): string {
	const { period, tz, asOf, by, total, groups, previous, actions, undated, corrections } = answer;
	const about = [tz, asOf, by ?? ''];
	const now = [period.from, period.to, ...about];
	const rows = [
		...rowsOf(total).map((row) => [...now, 'total', ...row]),
		[...now, 'total', ...plain('undated', undated)],
		[...now, 'total', ...plain('corrected_later', corrections.incidents)],
		...actionRows(actions).map((row) => [...now, 'total', ...row]),
		...groups.flatMap(({ key, figures }) =>
			rowsOf(figures).map((row) => [...now, key ?? '(none)', ...row]),
		),
		...(previous
			? rowsOf(previous.total).map((row) => [
					...[previous.period.from, previous.period.to, ...about],
					...['previous', ...row],
				])
			: []),
	];
	return csvOf([head, ...rows.map((row) => [...row, ...Array(head.length - row.length).fill('')])]);
}

function rowsOf(figures: GroupFigures): string[][] {
	return [
		plain('incidents', figures.incidents),
		...severityFilters.map((one) => ['incidents', one, numeral(figures.bySeverity[one])]),
		...measures.flatMap(({ id, short, variant }) => {
			const one = figures.measures[id];
			if (!one) return [];
			return [
				[
					...[short, variant, '', numeral(one.n)],
					...[one.meanMs, one.medianMs, one.p90Ms, one.p95Ms].map(seconds),
					...[one.pending, one.notApplicable, one.invalid, one.zero].map(numeral),
				],
			];
		}),
		...downtimeRows(figures.downtime),
		['commander_gap_seconds', '', seconds(figures.commanderGapMs)],
		['without_update_seconds', '', seconds(figures.withoutUpdateMs)],
		...presenceRows(figures),
		...(figures.retros ? [plain('retros_published', figures.retros.published)] : []),
	];
}

function downtimeRows(downtime: GroupFigures['downtime']): string[][] {
	if (downtime === null) return [];
	return [
		['downtime_seconds', '', seconds(downtime.downtimeMs)],
		plain('failures', downtime.failures),
		['mtbf_seconds', '', seconds(downtime.mtbfMs)],
		['availability', '', downtime.availability === null ? '' : numeral(downtime.availability)],
	];
}

function presenceRows({ peopleMs, nights, peopleNights }: GroupFigures): string[][] {
	if (peopleMs === null || nights === null || peopleNights === null) return [];
	return [
		['people_hours', '', numeral(peopleMs / 3_600_000)],
		plain('nights', nights),
		plain('people_nights', peopleNights),
	];
}

function actionRows({ due, done, open, medianOpenDays }: MetricsAnswer['actions']): string[][] {
	return [
		plain('actions_due', due),
		plain('actions_done', done),
		plain('actions_open', open),
		['actions_open_median_days', '', medianOpenDays === null ? '' : numeral(medianOpenDays)],
	];
}

/** The incidents behind a figure as a table: each measure in seconds, or why there is none. */
export function metricIncidentsCsv({ incidents }: MetricIncidentsAnswer): string {
	const names = measures.map(({ short, variant }) => `${short} (${variant})`);
	const rows = incidents.map((one) => [
		...[String(one.number), one.title, one.kind, one.origin, one.status, one.severity ?? ''],
		...[one.services.join('; '), one.declaredAt ?? '', one.start ?? '', one.end ?? ''],
		...measureIds.map((id) => {
			const value = one.values[id];
			return typeof value === 'number' ? seconds(value) : value;
		}),
		one.correctedAt ?? '',
	]);
	return csvOf([
		[
			...['number', 'title', 'kind', 'origin', 'status', 'severity', 'services', 'declared_at'],
			...['start', 'end', ...names, 'corrected_at'],
		],
		...rows,
	]);
}

function plain(figure: string, value: number): string[] {
	return [figure, '', numeral(value)];
}

/** A number as programs read it. */
function numeral(value: number): string {
	return String(value);
}

function seconds(ms: number | null): string {
	return ms === null ? '' : String(ms / 1_000);
}
