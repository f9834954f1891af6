import type { Sql } from 'postgres';
import type { MetricIncident, MetricIncidentsAnswer } from '#core/review/metrics/answer.ts';
import { rawKeyOf } from '#core/review/metrics/groupKeys.ts';
import { measures, measureIds, type Anchor, type Measure } from '#core/review/metrics/measures.ts';
import type { MetricIncidentsQuery } from '#core/review/metrics/query.ts';
import { timeFromCode } from '#core/review/metrics/times.ts';
import { Refusal } from '#core/refusal.ts';
import type { DowntimeQuestion } from '#server/storage/metrics/downtime.ts';
import {
	countSelected,
	readSelected,
	type MeasuredIncident,
	type Selection,
} from '#server/storage/metrics/incidents.ts';
import { asOneMoment } from '#server/storage/metrics/moment.ts';
import { periodOf } from './answer.ts';
import { questionOf } from './question.ts';

/** The incidents behind a figure. Throws a `Refusal` for a period or a group that cannot be. */
export async function answerMetricIncidents(
	sql: Sql,
	asked: MetricIncidentsQuery,
): Promise<MetricIncidentsAnswer> {
	return asOneMoment(sql, async (tx) => {
		const whole = await questionOf(tx, asked);
		// The group of a kind is chosen by its key.
		const isByKind = whole.by === 'kind' && asked.key !== undefined;
		const question = isByKind ? { ...whole, scope: { ...whole.scope, kind: null } } : whole;
		const selection = selectionOf(question, asked);
		const count = await countSelected(tx, question, selection);
		const read = await readSelected(tx, { question, selection }, asked);
		const measure = measures.find(({ id }) => id === asked.measure) ?? null;
		return {
			...{ asOf: question.asOf, period: periodOf(question), tz: question.tz, count },
			incidents: read.map((incident) => describe(incident, measure)),
		};
	});
}

function selectionOf(question: DowntimeQuestion, asked: MetricIncidentsQuery): Selection {
	const { measure = null, state = null, only = null } = asked;
	if (state !== null && measure === null) {
		throw new Refusal('invalid', 'Say which measure is in this state.', 'measure');
	}
	return { measure, state, only, key: keyOf(question, asked.key) };
}

function keyOf({ by, stretches }: DowntimeQuestion, key: string | undefined): Selection['key'] {
	if (key === undefined) return null;
	if (by === null) throw new Refusal('invalid', 'Say by what the groups are made.', 'by');
	const names = stretches.map((stretch) => stretch.key);
	const raw = rawKeyOf(by, key, names);
	if (raw === undefined) throw new Refusal('invalid', 'There is no such group.', 'key');
	return { raw };
}

function describe(incident: MeasuredIncident, measure: Measure | null): MetricIncident {
	const { id, number, title, kind, origin, status, services } = incident;
	const timeOf = (name: Measure['id']) => timeFromCode(incident.codes[name]);
	const values = measureIds.map((name) => {
		const time = timeOf(name);
		return [name, time.state === 'valid' ? time.ms : time.state] as const;
	});
	const time = measure && timeOf(measure.id);
	return {
		...{ id, number, title, kind, origin, status, services: [...services] },
		severity: (incident.severity || null) as MetricIncident['severity'],
		declaredAt: incident.declaredAt?.toISOString() ?? null,
		value: time && { state: time.state, ms: time.state === 'valid' ? time.ms : null },
		start: measure && instantOf(incident, measure.start),
		end: measure && instantOf(incident, measure.end),
		values: Object.fromEntries(values) as MetricIncident['values'],
		correctedAt: incident.correctedAt?.toISOString() ?? null,
	};
}

function instantOf({ milestones, firstAlertAt }: MeasuredIncident, anchor: Anchor): string | null {
	if (anchor === 'firstAlert') return firstAlertAt?.toISOString() ?? null;
	return milestones[anchor] ?? null;
}
