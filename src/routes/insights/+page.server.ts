import type { MetricSettings } from '#core/review/metrics/settings.ts';
import { readApi } from '$lib/api.ts';
import { zonesWith } from '$lib/zones.ts';
import { askApi } from './answers.ts';
import { readChoice } from './choice.ts';
import { reportOf } from './report.ts';
import type { PageServerLoad } from './$types';

interface ApiServices {
	readonly services: readonly { readonly name: string; readonly team: string | null }[];
}

interface ApiCauses {
	readonly causes: readonly { readonly name: string }[];
	readonly free: readonly { readonly name: string }[];
}

/** All that the page shows, in words and drawings: the browser has nothing to work out. */
export const load: PageServerLoad = async ({ fetch, url }) => {
	const asker = { fetch, url };
	const { tz } = await readApi<MetricSettings>(asker, '/settings/metrics');
	const choice = readChoice(url.searchParams, Date.now(), tz);
	const [answers, { services }, { causes, free }] = await Promise.all([
		askApi(asker, choice),
		readApi<ApiServices>(asker, '/services?incidents=without'),
		readApi<ApiCauses>(asker, '/causes'),
	]);
	const offered = {
		service: services.map(({ name }) => name),
		team: [...new Set(services.flatMap(({ team }) => team ?? []))].sort(),
		cause: [...new Set([...causes, ...free].map(({ name }) => name))],
	};
	const zones = zonesWith(choice.zone);
	return { report: reportOf(choice, answers), zones, usualZone: tz, offered };
};
