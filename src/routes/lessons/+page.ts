import type { NamedIncident } from '#core/learning/actionsWire.ts';
import { readApi } from '$lib/api.ts';
import type { PageLoad } from './$types';

interface ApiLesson {
	readonly id: string;
	readonly text: string;
	readonly incident: NamedIncident;
	/** ISO 8601 UTC. */
	readonly publishedAt: string | null;
	readonly causes: readonly string[];
}

export const load: PageLoad = async ({ fetch, url }) => {
	const words = url.searchParams.get('q')?.trim().slice(0, 200) ?? '';
	const query = words === '' ? '' : `?q=${encodeURIComponent(words)}`;
	const { lessons, hasMore } = await readApi<{ lessons: ApiLesson[]; hasMore: boolean }>(
		{ fetch, url },
		`/lessons${query}`,
	);
	return { lessons, hasMore, words };
};
