import type { BoardRow } from '#core/wire.ts';
import type { NamedIncident } from '#core/learning/actionsWire.ts';
import { readApi } from '$lib/api.ts';
import { views } from './board.svelte.ts';
import type { PageLoad } from './$types';

/** What waits for whoever looks. */
export interface Needs {
	readonly retros: readonly {
		readonly incident: NamedIncident;
		readonly need: 'write' | 'review';
		/** ISO 8601 UTC. */
		readonly dueAt: string | null;
	}[];
	readonly overdueActions: number;
}

export const load: PageLoad = async ({ fetch, url, depends }) => {
	depends('muster:board');
	const view = views.find((one) => one === url.searchParams.get('state')) ?? 'open';
	const asker = { fetch, url };
	const [{ incidents }, needs] = await Promise.all([
		readApi<{ incidents: BoardRow[] }>(asker, `/incidents?state=${view}`),
		readNeeds(fetch),
	]);
	return { view, incidents, needs };
};

/** A reminder that cannot be read keeps nobody from the incidents. */
async function readNeeds(fetcher: typeof fetch): Promise<Needs> {
	const response = await fetcher('/api/v1/needs').catch(() => null);
	const needs = response?.ok ? ((await response.json().catch(() => null)) as Needs | null) : null;
	return needs ?? { retros: [], overdueActions: 0 };
}
