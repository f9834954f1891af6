import { severityFilters, type SeverityFilter } from '#core/review/metrics/groupings.ts';
import { addDays, dayIn, daysOf, isDay, periods, type Days, type PeriodName } from './period.ts';

/** How figures can be broken down in the page's table. */
export const breakdowns = { service: 'Service', team: 'Team', cause: 'Cause' } as const;
export type Breakdown = keyof typeof breakdowns;

/** What the address asks for. Empty texts are filters that are not set. */
export interface Choice {
	/** Null where the days are named. */
	readonly period: PeriodName | null;
	readonly days: Days;
	readonly zone: string;
	readonly severities: readonly SeverityFilter[];
	readonly service: string;
	readonly team: string;
	readonly cause: string;
	readonly by: Breakdown;
	/** What of the address could not be taken, in a sentence; null if all could. */
	readonly fault: string | null;
}

const usual = '90d';

/** Reads an address, in the usual zone unless it names one. What is wrong in it is said, and the usual takes its place. */
export function readChoice(query: URLSearchParams, now: number, usualZone: string): Choice {
	const { zone, fault: zoneFault } = readZone(query.get('tz') || usualZone, usualZone);
	const { period, days, fault } = readPeriod(query, dayIn(zone, now));
	return {
		...{ period, days, zone, fault: fault ?? zoneFault },
		severities: severitiesIn(query),
		service: textIn(query, 'service'),
		team: textIn(query, 'team'),
		cause: textIn(query, 'cause'),
		by: keyIn(breakdowns, query.get('by')) ?? 'service',
	};
}

function textIn(query: URLSearchParams, name: string): string {
	return query.get(name)?.trim() ?? '';
}

function keyIn<T extends object>(table: T, name: string | null): keyof T | null {
	return name !== null && Object.hasOwn(table, name) ? (name as keyof T) : null;
}

function severitiesIn(query: URLSearchParams): SeverityFilter[] {
	const named = query.getAll('severity').flatMap((text) => text.split(','));
	const chosen = severityFilters.filter((name) => named.includes(name));
	return chosen.length === severityFilters.length ? [] : chosen;
}

function readZone(zone: string, usualZone: string): { zone: string; fault: string | null } {
	try {
		dayIn(zone, 0);
		return { zone, fault: null };
	} catch {
		// It throws for what it does not know.
		return { zone: usualZone, fault: `“${zone}” is not a time zone. This is in ${usualZone}.` };
	}
}

type Period = Pick<Choice, 'period' | 'days' | 'fault'>;

/** Days that are named go before a period: the form has both. */
function readPeriod(query: URLSearchParams, today: string): Period {
	const [from, to] = [textIn(query, 'from'), textIn(query, 'to')];
	const period = keyIn(periods, query.get('period')) ?? usual;
	if (from === '' && to === '') return { period, days: daysOf(period, today), fault: null };
	const days = { from: from || 'all', to: to || addDays(today, 1) };
	const fault = faultOf(days);
	if (fault === null) return { period: null, days, fault };
	return { period: usual, days: daysOf(usual, today), fault: `${fault} These are 90 days.` };
}

function faultOf({ from, to }: Days): string | null {
	const wrong = [from, to].find((day) => day !== 'all' && !isDay(day));
	if (wrong !== undefined || to === 'all') return `“${wrong ?? to}” is not a day like 2026-11-24.`;
	return from === 'all' || from < to ? null : 'The first day must be before the end.';
}

/** What is asked of the API: the same filters for every figure of the page. */
export function filtersOf({ days, zone, by: _, ...rest }: Choice): URLSearchParams {
	return withFilters(new URLSearchParams({ ...days, tz: zone }), rest);
}

/** The words of the page's own address for a choice, in which *the last 90 days* stay the last 90. */
export function addressOf({ period, days, zone, by, ...rest }: Choice): URLSearchParams {
	return withFilters(new URLSearchParams(period ? { period } : { ...days }), {
		...{ tz: zone, by },
		...rest,
	});
}

function withFilters(
	query: URLSearchParams,
	{ severities, ...filters }: Partial<Choice> & { tz?: string },
): URLSearchParams {
	if (severities && severities.length > 0) query.set('severity', severities.join(','));
	for (const name of ['tz', 'service', 'team', 'cause', 'by'] as const) {
		const value = filters[name];
		if (value) query.set(name, value);
	}
	return query;
}

/** The filters with some words of the query changed or added; undefined takes one out. */
export function withMore(
	query: URLSearchParams,
	more: Readonly<Record<string, string | undefined>>,
): string {
	const changed = new URLSearchParams(query);
	for (const [name, value] of Object.entries(more)) {
		if (value === undefined) changed.delete(name);
		else changed.set(name, value);
	}
	return changed.toString();
}
