import type { MetricIncidentsAnswer } from '#core/review/metrics/answer.ts';
import type { MetricSettings } from '#core/review/metrics/settings.ts';
import { readApi } from '$lib/api.ts';
import { filtersOf, readChoice, withMore } from '../choice.ts';
import { filterWords } from '../words.ts';
import { listingOf, usualMeasure } from './listing.ts';
import type { PageServerLoad } from './$types';

const pageSize = 50;
/** What the page takes of its address beside the filters; the API looks at it. */
const passedOn = ['by', 'key', 'measure', 'state', 'only', 'order'] as const;

/** The incidents behind a figure, with the times and the value that it was counted from. */
export const load: PageServerLoad = async ({ fetch, url }) => {
	const query = url.searchParams;
	const asker = { fetch, url };
	const { tz } = await readApi<MetricSettings>(asker, '/settings/metrics');
	const choice = readChoice(query, Date.now(), tz);
	const offset = Math.max(0, Math.floor(Number(query.get('offset')) || 0));
	const asked = new URLSearchParams(filtersOf(choice));
	for (const name of passedOn) {
		const value = query.get(name);
		if (value !== null) asked.set(name, value);
	}
	const shown = withMore(asked, { measure: asked.get('measure') ?? usualMeasure });
	const page = { limit: String(pageSize), offset: String(offset) };
	const answer = await readApi<MetricIncidentsAnswer>(
		asker,
		`/metrics/incidents?${withMore(new URLSearchParams(shown), page)}`,
	);
	const { count, asOf } = answer;
	const hrefAt = (at: number) => `/insights/incidents?${withMore(asked, { offset: String(at) })}`;
	return {
		...{ count, asOf, offset, fault: choice.fault },
		listing: listingOf(query, answer),
		filters: filterWords(choice),
		earlierHref: offset > 0 ? hrefAt(Math.max(0, offset - pageSize)) : null,
		laterHref: offset + pageSize < count ? hrefAt(offset + pageSize) : null,
		backHref: `/insights?${filtersOf(choice).toString()}`,
		csvHref: `/api/v1/metrics/incidents?${shown}&format=csv`,
	};
};
