import { askApi } from './answers.ts';
import { readChoice } from './choice.ts';
import { reportOf } from './report.ts';
import type { PageServerLoad } from './$types';

const zones = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

/** All that the page shows, in words and drawings: the browser has nothing to work out. */
export const load: PageServerLoad = async ({ fetch, url }) => {
	const choice = readChoice(url.searchParams, Date.now());
	const answers = await askApi({ fetch, url }, choice);
	return { report: reportOf(choice, answers), zones };
};
