import type { ISql } from 'postgres';
import { Refusal } from '#core/refusal.ts';
import { stretches as stretchGroupings, type Grouping } from '#core/review/metrics/groupings.ts';
import type { MetricsQuery } from '#core/review/metrics/query.ts';
import { limits } from '#server/limits.ts';
import type { DowntimeQuestion } from '#server/storage/metrics/downtime.ts';
import {
	readPeriod,
	readStretches,
	unknownZone,
	type Period,
} from '#server/storage/metrics/periods.ts';
import type { Stretch } from '#server/storage/metrics/scope.ts';
import { readDowntimeSeverities } from '#server/storage/metrics/settings.ts';

/** The part of a query that says which incidents are meant, and how they are grouped. */
export type AskedFigures = Pick<
	MetricsQuery,
	'from' | 'to' | 'tz' | 'kind' | 'severity' | 'service' | 'team' | 'cause' | 'by'
>;

/** What is asked of the store, with the period's ends as instants. Throws a `Refusal` for a period that cannot be. */
export async function questionOf(sql: ISql, asked: AskedFigures): Promise<DowntimeQuestion> {
	const { tz, kind } = asked;
	const period = await periodOf(sql, asked);
	const stretches = await stretchesOf(sql, period, asked);
	const by = asked.by ?? null;
	return {
		...period,
		until: endOf(period),
		...{ tz, by, stretches },
		scope: {
			kind,
			severities: asked.severity?.map((one) => (one === 'none' ? '' : one)) ?? null,
			service: asked.service ?? null,
			team: asked.team ?? null,
			cause: asked.cause ?? null,
		},
		downtimeSeverities: await readDowntimeSeverities(sql),
	};
}

async function periodOf(sql: ISql, { from, to, tz, kind }: AskedFigures): Promise<Period> {
	const period = await readPeriod(sql, { from: from ?? null, to: to ?? null, tz, kind }).catch(
		(error: Error & { code?: string }) => {
			if (error.code !== unknownZone) throw error;
			throw new Refusal('invalid', 'The store does not know this time zone.', 'tz');
		},
	);
	if (period.from < period.to) return period;
	throw new Refusal('invalid', 'This period ends before it begins.', 'to');
}

/** Where what goes on ends; a period that has not begun has no length yet. */
function endOf({ from, to, asOf }: Period): string {
	if (asOf < from) return from;
	return to < asOf ? to : asOf;
}

async function stretchesOf(
	sql: ISql,
	period: Period,
	{ by, tz }: AskedFigures,
): Promise<readonly Stretch[]> {
	const unit = stretchGroupings.find((one) => one === by);
	if (!unit) return [];
	const most = limits.metricStretches;
	const stretches = await readStretches(sql, period, { unit, tz, limit: most + 1 });
	if (stretches.length <= most) return stretches;
	throw new Refusal(
		'invalid',
		`There are more than ${most} groups. Choose a shorter period.`,
		'by',
	);
}

/** The first instant that the store can be asked about. */
const earliest = Date.parse('0001-01-01T00:00:00Z');

/** The stretch of the same length directly before. Throws a `Refusal` if that is before all calendars. */
export function before<T extends DowntimeQuestion>(question: T): T {
	const from = 2 * Date.parse(question.from) - Date.parse(question.to);
	if (from < earliest) {
		throw new Refusal('invalid', 'This period is too long to be compared.', 'compare');
	}
	const earlier = new Date(from).toISOString();
	return { ...question, from: earlier, to: question.from, until: question.from };
}

/** The same for all that is asked for, in one group. */
export function inTotal<T extends DowntimeQuestion>(
	question: T,
): T & { readonly by: Grouping | null } {
	return { ...question, by: null, stretches: [] };
}
