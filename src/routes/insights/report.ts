import { measures } from '#core/review/metrics/measures.ts';
import { mainMeasures, type Answers } from './answers.ts';
import { breakdownOf, type BreakdownTable } from './breakdown.ts';
import { cardOf, type MeasureCard } from './cards.ts';
import { hoursOfWeek, incidentsPer, medianByMonth, resolveTimes, type HrefOf } from './charts.ts';
import { addressOf, filtersOf, withMore, type Choice } from './choice.ts';
import { countFact, downtimeFacts, learningFacts, responseFacts, type Fact } from './facts.ts';
import { periods, type PeriodName } from './period.ts';
import { filterWords } from './words.ts';
import type { Chart } from '$lib/charts/drawing.ts';

// From the root: what a load function resolves is relative to the page that asks for it first.
const place = '/insights';

/** One of several views of the page. */
export interface Tab {
	readonly name: string;
	readonly href: string;
	readonly isCurrent: boolean;
}

/** Incidents that are told of below the figures, and where they are listed. */
export interface Remark {
	readonly count: number;
	readonly href: string;
}

/** The page, all in words and drawings. */
export interface Report {
	readonly choice: Choice;
	/** The period and the filters in a sentence. */
	readonly filters: string;
	readonly periods: readonly Tab[];
	/** ISO 8601 UTC. */
	readonly asOf: string;
	readonly isNew: boolean;
	/** Whether the period has no incident. */
	readonly isEmpty: boolean;
	readonly incidents: Fact;
	readonly main: readonly MeasureCard[];
	readonly variants: readonly MeasureCard[];
	readonly downtime: readonly Fact[];
	readonly response: readonly Fact[];
	readonly learning: readonly Fact[];
	readonly strip: Chart;
	readonly bars: Chart;
	readonly hours: Chart;
	readonly trends: readonly Chart[];
	readonly breakdown: BreakdownTable;
	readonly corrected: Remark;
	readonly undated: Remark;
	readonly csvHref: string;
}

/** Puts the API's answers into words and drawings. */
export function reportOf(choice: Choice, answers: Answers): Report {
	const { total, months, weeks, severities, hours, resolved } = answers;
	const filters = filtersOf(choice);
	const hrefOf: HrefOf = (more) => `${place}/incidents?${withMore(filters, more)}`;
	const pageOf: HrefOf = (more) => `${place}?${withMore(addressOf(choice), more)}`;
	const cards = cardsOf(answers, hrefOf);
	const isMain = ({ id }: { id: string }) => mainMeasures.some((one) => one === id);
	return {
		...{ choice, filters: filterWords(choice), asOf: total.asOf, isNew: answers.isNew },
		isEmpty: total.total.incidents === 0,
		incidents: countFact(answers, hrefOf),
		main: cards.filter(isMain),
		variants: cards.filter((card) => !isMain(card)),
		downtime: downtimeFacts(total, hrefOf),
		response: responseFacts(total.total, hrefOf),
		learning: learningFacts(total, { hrefOf, areFiltered: isNarrowed(choice) }),
		strip: resolveTimes(severities, resolved, hrefOf),
		bars: weeks ? incidentsPer('week', weeks, hrefOf) : incidentsPer('month', months, hrefOf),
		hours: hoursOfWeek(hours, hrefOf),
		trends: measures.filter(isMain).map((measure) => medianByMonth(measure, months, hrefOf)),
		breakdown: breakdownOf(choice.by, answers.breakdown, { hrefOf, pageOf }),
		periods: periodTabs(choice),
		corrected: { count: total.corrections.incidents, href: hrefOf({ only: 'corrected' }) },
		undated: { count: total.undated, href: hrefOf({ only: 'undated' }) },
		csvHref: `/api/v1/metrics?${withMore(filters, { by: 'month', format: 'csv' })}`,
	};
}

/** Whether some incidents of the period are left out. */
function isNarrowed({ severities, service, team, cause }: Choice): boolean {
	return severities.length > 0 || Boolean(service ?? team ?? cause);
}

function cardsOf({ total: { total }, previous }: Answers, hrefOf: HrefOf): MeasureCard[] {
	return measures.flatMap((measure) => {
		const { id } = measure;
		const now = total.measures[id];
		if (!now) return [];
		const before = previous?.total.measures[id] ?? null;
		const addressOf = (state: string) => hrefOf({ measure: id, state });
		return [cardOf({ measure, now, before, hrefOf: addressOf })];
	});
}

function periodTabs(choice: Choice): Tab[] {
	return (Object.entries(periods) as [PeriodName, string][]).map(([period, name]) => ({
		...{ name, isCurrent: period === choice.period },
		href: `${place}?${addressOf({ ...choice, period }).toString()}`,
	}));
}
