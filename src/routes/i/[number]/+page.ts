import { resolve } from '$app/paths';
import { isUuid } from '#core/ids.ts';
import { notFound, readApi } from '$lib/api.ts';
import { importedFromApi, incidentFromApi, type ApiIncident } from '$lib/live/fromApi.ts';
import type { PersonCard } from '$lib/live/People.svelte.ts';
import { error, redirect } from '@sveltejs/kit';
import type { PageLoad } from './$types';

/** The incident as it is now, by its number; its id leads there too. */
export const load: PageLoad = async ({ fetch, url, params }) => {
	const wanted = params.number.toLowerCase();
	if (!isUuid(wanted) && !/^\d{1,9}$/.test(wanted)) error(404, notFound);
	const asker = { fetch, url };
	const [answer, { people }, { hold }] = await Promise.all([
		readApi<ApiIncident & { readonly shownAsOf: string | null }>(asker, `/incidents/${wanted}`),
		readApi<{ people: PersonCard[] }>(asker, '/people'),
		readApi<Pick<App.PageData, 'hold'>>(asker, `/incidents/${wanted}/hold`),
	]);
	if (params.number !== String(answer.number)) redirect(307, resolve(`/i/${answer.number}`));
	return {
		reading: { ...incidentFromApi(answer), importedFrom: importedFromApi(answer) },
		shownAsOf: answer.shownAsOf === null ? null : Date.parse(answer.shownAsOf),
		people,
		...(hold && { hold }),
		skipLinks: [
			{ href: '#timeline', label: 'Skip to timeline' },
			{ href: '#composer', label: 'Skip to composer' },
		],
	};
};
