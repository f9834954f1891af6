import { severityFilters } from '#core/review/metrics/groupings.ts';
import type { Choice } from './choice.ts';
import { addDays, lengthOf, periods } from './period.ts';

/** A number of things for people: `1 incident`, `1,000 incidents`. */
export function counted(count: number, one: string, many = `${one}s`): string {
	return `${written(count)} ${count === 1 ? one : many}`;
}

/** A number with its thousands apart. */
export function written(count: number): string {
	return count.toLocaleString('en-GB');
}

/** The period in words, with its first and its last day. */
export function periodWords({ period, days }: Choice): string {
	const last = addDays(days.to, -1);
	if (days.from === 'all') return `All until ${last}`;
	const length = lengthOf(days) ?? 0;
	const name = period ? periods[period] : counted(length, 'day');
	return `${name}: ${days.from} to ${last}`;
}

/** The filters as a sentence, for paper and for whoever comes by a link. */
export function filterWords(choice: Choice): string {
	const { severities, service, team, cause } = choice;
	const names = severities.map((name) => (name === 'none' ? 'no severity' : name));
	const parts = [
		severities.length > 0 && severities.length < severityFilters.length
			? names.join(', ')
			: 'all severities',
		service && `service ${service}`,
		team && `team ${team}`,
		cause && `cause ${cause}`,
	].filter(Boolean);
	return `${periodWords(choice)}; ${parts.join('; ')}. Times are in ${choice.zone}.`;
}
