import type { GroupFigures, MetricsAnswer } from '#core/review/metrics/answer.ts';
import { figures } from '#core/review/metrics/figures.ts';
import { duration } from '#core/time.ts';
import type { Answers } from './answers.ts';
import { countComparison, worded } from './cards.ts';
import type { HrefOf } from './charts.ts';
import { counted, written } from './words.ts';

/** A figure that is no measure, in words, with how it is counted and where its incidents are. */
export interface Fact {
	readonly name: string;
	readonly value: string;
	/** What belongs to the value, small beside it. */
	readonly unit?: string;
	/** What stands small beside it. */
	readonly detail: string | null;
	readonly definition: string;
	readonly href: string;
}

/** How many incidents there were, beside how many before. */
export function countFact({ total: { total }, previous }: Answers, hrefOf: HrefOf): Fact {
	return {
		...figures.incidents,
		value: written(total.incidents),
		detail: previous && countComparison(total.incidents, previous.total.incidents),
		href: hrefOf({}),
	};
}

const list = new Intl.ListFormat('en-GB');

/** How reliable the services were: by the severities that count as downtime, and overlaps once. */
export function downtimeFacts(answer: MetricsAnswer, hrefOf: HrefOf): Fact[] {
	const { downtime } = answer.total;
	if (!downtime) return [];
	const which = list.format(answer.downtimeSeverities) || 'no severity';
	const failures = counted(downtime.failures, 'failure');
	const only = hrefOf({ only: 'downtime' });
	return [
		{
			...figures.mtbfMs,
			value: worded(downtime.mtbfMs),
			detail: `${failures} in ${duration(downtime.windowMs)}; ${which}`,
			href: only,
		},
		{
			...figures.availability,
			value: percentOf(downtime.availability),
			detail: `${duration(downtime.downtimeMs)} of downtime; ${which}`,
			href: only,
		},
	];
}

/** Three digits after the comma: a nine more or less is what matters. Rounded down, as 100 % is a claim. */
export function percentOf(share: number | null): string {
	return share === null ? '–' : `${Number((Math.floor(share * 100_000) / 1_000).toFixed(3))} %`;
}

/** How the response went, of rooms and nights, never of persons. */
export function responseFacts(total: GroupFigures, hrefOf: HrefOf): Fact[] {
	const href = hrefOf({});
	const { commanderGapMs, withoutUpdateMs, peopleMs, nights, peopleNights } = total;
	const unit = `in ${counted(total.incidents, 'incident')}`;
	const plain = { detail: null, href, unit };
	const tooMany = peopleMs === null && {
		detail: 'Not counted of so many incidents. Choose a shorter period.',
	};
	return [
		{ ...figures.commanderGapMs, ...plain, value: duration(commanderGapMs) },
		{ ...figures.withoutUpdateMs, ...plain, value: duration(withoutUpdateMs) },
		{ ...figures.peopleMs, ...plain, value: hoursOf(peopleMs), ...tooMany },
		{
			...{ name: 'Nights woken', value: nights === null ? '–' : written(nights), unit, href },
			detail: peopleNights === null ? null : counted(peopleNights, 'people-night'),
			...tooMany,
			definition: `${figures.nights.definition} ${figures.peopleNights.name}: ${figures.peopleNights.definition}`,
		},
	];
}

/** People-hours stay hours, however many they are. */
function hoursOf(ms: number | null): string {
	if (ms === null) return '–';
	return ms < 3_600_000 ? duration(ms) : `${written(Math.round(ms / 3_600_000))} h`;
}

/** What was learnt of the incidents. The lists of actions know no filters of incidents. */
export function learningFacts(
	{ total, actions, period }: MetricsAnswer,
	{ hrefOf, areFiltered }: { readonly hrefOf: HrefOf; readonly areFiltered: boolean },
): Fact[] {
	const inPeriod = new URLSearchParams({
		...{ state: 'done', dueFrom: period.from, dueTo: period.to },
	});
	const { due, done, open, medianOpenDays } = actions;
	const ofAll = areFiltered ? 'the list is of all incidents' : null;
	const age = medianOpenDays === null ? null : `median age ${daysOf(medianOpenDays)}`;
	return [
		...retroFacts(total, hrefOf),
		{
			...figures.actionsDone,
			value: `${written(done)} of ${written(due)}`,
			unit: 'due in the period',
			detail: ofAll,
			href: `/actions?${inPeriod.toString()}`,
		},
		{
			...figures.actionsOpen,
			value: written(open),
			detail: [age, ofAll].filter(Boolean).join('; ') || null,
			href: '/actions?state=open',
		},
	];
}

function retroFacts({ retros }: GroupFigures, hrefOf: HrefOf): Fact[] {
	if (retros === null) return [];
	const { resolved, begun, published, overdue } = retros;
	return [
		{
			...figures.retros,
			value: `${written(published)} of ${written(resolved)}`,
			detail: `${counted(begun, 'begun', 'begun')}, ${written(overdue)} overdue`,
			href: hrefOf({}),
		},
	];
}

/** Ages of actions are days, however many they are. */
function daysOf(days: number): string {
	return days < 1 ? 'less than a day' : counted(Math.floor(days), 'day');
}
