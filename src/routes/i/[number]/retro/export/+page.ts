import type { PageLoad } from './$types';
import { loadRetro } from '../load.ts';

/** What can be taken out of a retrospective. */
export const load: PageLoad = async ({ fetch, url, params }) => {
	const { number, incident, published, retro } = await loadRetro({ fetch, url }, params.number);
	return {
		...{ number, title: incident.title, isBegun: retro.isBegun },
		version: published?.version ?? null,
	};
};
