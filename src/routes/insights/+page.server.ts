import { readApi } from '$lib/api.ts';
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

const zones = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

/** All that the page shows, in words and drawings: the browser has nothing to work out. */
export const load: PageServerLoad = async ({ fetch, url }) => {
	const choice = readChoice(url.searchParams, Date.now());
	const asker = { fetch, url };
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
	return { report: reportOf(choice, answers), zones, offered };
};
