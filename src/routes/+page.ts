import type { BoardRow } from '#core/wire.ts';
import { readApi } from '$lib/api.ts';
import { views } from './board.svelte.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ fetch, url, depends }) => {
	depends('muster:board');
	const view = views.find((one) => one === url.searchParams.get('state')) ?? 'open';
	const asker = { fetch, url };
	const { incidents } = await readApi<{ incidents: BoardRow[] }>(asker, `/incidents?state=${view}`);
	return { view, incidents };
};
