import type { MetricIncident, MetricIncidentsAnswer } from '#core/review/metrics/answer.ts';
import { groupings, type Grouping } from '#core/review/metrics/groupings.ts';
import {
	measures,
	measureStateMeanings,
	type Measure,
	type MeasureState,
} from '#core/review/metrics/measures.ts';
import { duration, weekdays } from '#core/time.ts';
import { anchorName, stateNames } from '../cards.ts';

/** An incident behind a figure, in words. Instants are epoch ms. */
export interface ListedIncident {
	readonly id: string;
	readonly number: number;
	readonly title: string;
	readonly severity: MetricIncident['severity'];
	readonly start: number | null;
	readonly end: number | null;
	/** The measure's value, or why there is none. */
	readonly value: string;
}

/** A list of incidents, and what they have in common. */
export interface Listing {
	/** What the figure is, `Time to resolve: Pending`. */
	readonly heading: string;
	/** What that means, in sentences. */
	readonly meaning: string;
	/** What the two times and the value are. */
	readonly columns: readonly [string, string, string];
	readonly incidents: readonly ListedIncident[];
}

/** The measure that is shown beside incidents that were asked for without one. */
export const usualMeasure = 'ttrResolve';

/** Which incidents the address asks for, in words. */
export function listingOf(query: URLSearchParams, answer: MetricIncidentsAnswer): Listing {
	const measure = measures.find(({ id }) => id === query.get('measure')) ?? usual();
	const state = stateIn(query);
	const only = query.get('only');
	const about = only !== null && Object.hasOwn(selections, only) ? selections[only] : null;
	const group = groupWords(query);
	return {
		heading: about?.name ?? (state ? `${measure.name}: ${stateNames[state]}` : 'Incidents'),
		meaning: [about?.meaning, state && measureStateMeanings[state], group]
			.filter(Boolean)
			.join(' '),
		columns: [anchorName(measure.start), anchorName(measure.end), measure.name],
		incidents: answer.incidents.map(listed),
	};
}

function usual(): Measure {
	const found = measures.find(({ id }) => id === usualMeasure);
	if (!found) throw new Error('The usual measure is none.');
	return found;
}

function stateIn(query: URLSearchParams): MeasureState | null {
	const state = query.get('state');
	return state !== null && Object.hasOwn(stateNames, state) ? (state as MeasureState) : null;
}

const selections: Readonly<Record<string, { name: string; meaning: string }>> = {
	corrected: {
		name: 'Corrected later',
		meaning: 'A time that was known was corrected after the period had ended.',
	},
	undated: {
		name: 'Without a declared time',
		meaning: 'They are in no period until somebody sets when they were declared.',
	},
	downtime: { name: 'Downtime', meaning: 'Outages of the severities that count as downtime.' },
	unknownDowntime: {
		name: 'Outages of unknown length',
		meaning: 'A beginning or an end is missing, so they are no downtime.',
	},
};

function groupWords(query: URLSearchParams): string {
	const by = groupings.find((name) => name === query.get('by'));
	const key = query.get('key');
	return by === undefined || key === null ? '' : `${keyWords(by, key)}.`;
}

function keyWords(by: Grouping, key: string): string {
	if (by !== 'weekHour')
		return key === '' ? `No ${by}` : `${by.replace(/^./, (c) => c.toUpperCase())} ${key}`;
	const [weekday, hour] = key.split('-');
	return `Declared on a ${weekdays[Number(weekday) - 1] ?? ''} from ${hour ?? ''}:00`;
}

function listed({
	id,
	number,
	title,
	severity,
	value,
	start,
	end,
}: MetricIncident): ListedIncident {
	return {
		...{ id, number, title, severity },
		start: start === null ? null : Date.parse(start),
		end: end === null ? null : Date.parse(end),
		value: valueWords(value),
	};
}

function valueWords(value: MetricIncident['value']): string {
	if (value === null) return '–';
	return value.ms === null || value.state !== 'valid'
		? stateNames[value.state]
		: duration(value.ms);
}
