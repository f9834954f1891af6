import * as z from 'zod/mini';
import { kinds, origins, severities, statuses } from '../../incident/lifecycle.ts';
import { groupings, severityFilters } from './groupings.ts';
import { measureIds, measureStates } from './measures.ts';

/** An instant, ISO 8601 UTC. */
const instant = z.iso.datetime();
const count = z.int().check(z.nonnegative());
const ms = z.number();

/**
 * A measure over some incidents. `n` is how many valid values there are: only these enter the mean. Percentiles
 * are values that occurred (nearest rank). All five are null where there is no valid value.
 */
export const measured = z.object({
	n: count,
	meanMs: z.nullable(ms),
	medianMs: z.nullable(ms),
	p90Ms: z.nullable(ms),
	p95Ms: z.nullable(ms),
	pending: count,
	notApplicable: count,
	invalid: count,
	zero: count,
});
export type Measured = z.infer<typeof measured>;

/** The figures of some incidents; what a grouping cannot have, or nobody asked for, is null (figures.ts says what each is). */
export const figuresOfGroup = z.object({
	incidents: count,
	bySeverity: z.record(z.enum(severityFilters), count),
	byStatus: z.object({ open: count, over: count }),
	/** Those that were asked for. */
	measures: z.partialRecord(z.enum(measureIds), measured),
	downtime: z.nullable(
		z.object({
			/** What the figures are over: the period, or the group's part of it, until now. */
			windowMs: ms,
			downtimeMs: ms,
			failures: count,
			/** Failures that are over whose beginning or end is not known, or whose length is not. */
			unknown: count,
			mtbfMs: z.nullable(ms),
			/** 0 to 1. */
			availability: z.nullable(z.number()),
		}),
	),
	commanderGapMs: ms,
	withoutUpdateMs: ms,
	/** These three are null where they were not asked for, and of more incidents than they are counted of. */
	peopleMs: z.nullable(ms),
	nights: z.nullable(count),
	peopleNights: z.nullable(count),
	/** Null where they were not asked for. */
	retros: z.nullable(z.object({ resolved: count, begun: count, published: count, overdue: count })),
});
export type GroupFigures = z.infer<typeof figuresOfGroup>;

const group = z.object({
	/** Null for what has none, e.g. no service. */
	key: z.nullable(z.string()),
	figures: figuresOfGroup,
});

const period = z.object({
	from: instant,
	to: instant,
	/** Where the period ends for what goes on: `to`, or now. */
	until: instant,
});

/** What `GET /api/v1/metrics` answers. */
export const metricsAnswer = z.object({
	asOf: instant,
	period,
	tz: z.string(),
	filters: z.object({
		kind: z.enum(kinds),
		severity: z.nullable(z.array(z.enum(severityFilters))),
		service: z.nullable(z.string()),
		team: z.nullable(z.string()),
		cause: z.nullable(z.string()),
	}),
	by: z.nullable(z.enum(groupings)),
	/** Which severities are downtime. */
	downtimeSeverities: z.array(z.enum(severities)),
	total: figuresOfGroup,
	/** In the order of their keys; stretches of time without an incident are among them. */
	groups: z.array(group),
	/** The stretch of the same length directly before. */
	previous: z.nullable(z.object({ period, total: figuresOfGroup })),
	/** Of these incidents, whenever they were declared: actions that were due in the period, and are open now. */
	actions: z.object({
		due: count,
		done: count,
		open: count,
		/** The median age of those that are open (nearest rank). */
		medianOpenDays: z.nullable(z.number()),
	}),
	/** Incidents without a declared time, which are in no period. */
	undated: count,
	/** Incidents of the period with a time that was corrected after the period had ended; the newest of them. */
	corrections: z.object({
		incidents: count,
		newest: z.array(z.object({ number: z.int(), title: z.string(), correctedAt: instant })),
	}),
});
export type MetricsAnswer = z.infer<typeof metricsAnswer>;

/** An incident behind a figure. `value`, `start` and `end` are of the measure that was asked for. */
const metricIncident = z.object({
	id: z.uuid(),
	number: z.int(),
	title: z.string(),
	kind: z.enum(kinds),
	origin: z.enum(origins),
	status: z.enum(statuses),
	/** The highest that it had. */
	severity: z.nullable(z.enum(severities)),
	services: z.array(z.string()),
	declaredAt: z.nullable(instant),
	value: z.nullable(z.object({ state: z.enum(measureStates), ms: z.nullable(ms) })),
	start: z.nullable(instant),
	end: z.nullable(instant),
	/** Every measure: its value in ms, or why it has none. */
	values: z.record(z.enum(measureIds), z.union([ms, z.enum(measureStates)])),
	correctedAt: z.nullable(instant),
});
export type MetricIncident = z.infer<typeof metricIncident>;

/** What `GET /api/v1/metrics/incidents` answers. */
export const metricIncidentsAnswer = z.object({
	asOf: instant,
	period,
	tz: z.string(),
	/** How many there are, of which the answer has some. */
	count,
	incidents: z.array(metricIncident),
});
export type MetricIncidentsAnswer = z.infer<typeof metricIncidentsAnswer>;
