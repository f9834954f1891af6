import { severities } from '../../incident/lifecycle.ts';

/**
 * How figures are grouped. Times of day, weeks, months and years go by the declaration in the zone that is
 * asked for; `weekHour` is an hour of a weekday, for a heat map.
 */
export const groupings = [
	'severity',
	'service',
	'team',
	'kind',
	'cause',
	'hour',
	'weekHour',
	'week',
	'month',
	'year',
] as const;
export type Grouping = (typeof groupings)[number];

/** The groupings whose groups are stretches of the period, each with a length of its own. */
export const stretches = ['week', 'month', 'year'] as const satisfies readonly Grouping[];

/** Groupings in which an incident can stand in several groups, which may then add up to more than the total. */
export const overlappingGroupings: readonly Grouping[] = ['service', 'team', 'cause'];

/** Groupings whose groups have no length of time: no downtime, availability or MTBF. */
export const timelessGroupings: readonly Grouping[] = ['kind', 'hour', 'weekHour'];

/** What the key of a group is. Null stands for what has none: no severity, service, team or cause. */
export const groupingKeys: Readonly<Record<Grouping, string>> = {
	severity: 'SEV1 to SEV5, the highest that the incident had',
	service: 'the name of a service',
	team: 'the name of a team',
	kind: 'incident, drill or maintenance',
	cause: 'a cause that the retrospective names',
	hour: 'the hour of the day, 00 to 23',
	weekHour: 'weekday and hour, 1-00 (Monday, midnight) to 7-23',
	week: 'the Monday that begins the week, as 2026-11-23',
	month: 'the month, as 2026-11',
	year: 'the year, as 2026',
};

/** How severities are named in filters: `none` is an incident that never had one. */
export const severityFilters = [...severities, 'none'] as const;
export type SeverityFilter = (typeof severityFilters)[number];
