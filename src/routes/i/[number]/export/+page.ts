import { resolve } from '$app/paths';
import { isUuid } from '#core/ids.ts';
import { notFound, readApi } from '$lib/api.ts';
import { importedFromApi, type ApiIncident } from '$lib/live/fromApi.ts';
import { error, redirect } from '@sveltejs/kit';
import type { PageLoad } from './$types';

interface ApiExport {
	readonly by: { readonly name: string };
	readonly at: string;
	readonly format: string;
	readonly turn: number;
}

/** What can be taken out, and who has done so. */
export const load: PageLoad = async ({ fetch, url, params }) => {
	const wanted = params.number.toLowerCase();
	if (!isUuid(wanted) && !/^\d{1,9}$/.test(wanted)) error(404, notFound);
	const asker = { fetch, url };
	const [incident, { exports }] = await Promise.all([
		readApi<ApiIncident>(asker, `/incidents/${wanted}`),
		readApi<{ exports: readonly ApiExport[] }>(asker, `/incidents/${wanted}/exports`),
	]);
	const { number, title } = incident;
	if (params.number !== String(number)) redirect(307, resolve(`/i/${number}/export`));
	return { number, title, exports, importedFrom: importedFromApi(incident) };
};
