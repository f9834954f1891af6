import type { MetricsAnswer } from '#core/review/metrics/answer.ts';
import { overlappingGroupings } from '#core/review/metrics/groupings.ts';
import { worded } from './cards.ts';
import type { HrefOf } from './charts.ts';
import { breakdowns, type Breakdown } from './choice.ts';
import { percentOf } from './facts.ts';
import type { Tab } from './report.ts';

/** A service, team or cause, or all incidents that have none. */
export interface BreakdownRow {
	readonly name: string;
	readonly incidents: number;
	readonly href: string;
	/** The whole page for this one alone; null where there is no such filter. */
	readonly pageHref: string | null;
	readonly n: number;
	readonly median: string;
	readonly p90: string;
	readonly availability: string;
}

export interface BreakdownTable {
	/** What the table can be of. */
	readonly tabs: readonly Tab[];
	/** What stands above the names. */
	readonly heading: string;
	readonly rows: readonly BreakdownRow[];
	/** What has to be known about the sums. */
	readonly note: string;
}

/** The figures of each service, team or cause; those with the most incidents first. */
export function breakdownOf(
	by: Breakdown,
	{ groups }: MetricsAnswer,
	links: { hrefOf: HrefOf; pageOf: HrefOf },
): BreakdownTable {
	const rows = groups.map(({ key, figures }) => {
		const measured = figures.measures.ttrResolve;
		return {
			name: key ?? `No ${by}`,
			incidents: figures.incidents,
			href: links.hrefOf({ by, key: key ?? '' }),
			pageHref: key === null ? null : links.pageOf({ [by]: key }),
			n: measured?.n ?? 0,
			median: worded(measured?.medianMs ?? null),
			p90: worded(measured?.p90Ms ?? null),
			availability: percentOf(figures.downtime?.availability ?? null),
		};
	});
	const tabs = Object.entries(breakdowns).map(([one, name]) => {
		return { name, href: `${links.pageOf({ by: one })}#breakdown`, isCurrent: one === by };
	});
	return {
		tabs,
		heading: breakdowns[by],
		rows: rows.sort((a, b) => b.incidents - a.incidents),
		note: overlappingGroupings.includes(by)
			? `An incident with several ${by}s counts once for each: the rows may add up to more than all.`
			: '',
	};
}
