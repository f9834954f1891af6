import { clocksOf } from '#core/review/clocks.ts';
import type { Incident } from '#core/incident/reading.ts';
import type { Retro } from '#core/retro/reading.ts';
import type { NamedVersion } from '#core/retro/state.ts';
import type { Change } from '#core/review/changes.ts';
import { notFound, readApi } from '$lib/api.ts';
import { incidentFromApi, type ApiIncident } from '$lib/live/fromApi.ts';
import { retroFromApi, type ApiRetro } from '$lib/live/retroFromApi.ts';
import { error } from '@sveltejs/kit';
import type { Loaded } from '../load.ts';

type Asker = Parameters<typeof readApi>[0];

/** A draft to which somebody gave a name: the retrospective and the incident as they were then. */
export interface Draft extends Pick<NamedVersion, 'name' | 'by' | 'at'> {
	readonly retro: Retro;
	readonly incident: Incident;
	/** What was written since. */
	readonly written: readonly Change[];
}

interface ApiPast {
	readonly retro: ApiRetro;
	readonly writtenSince: readonly Change[];
}

/** Reads the draft that the address names by `at`; null where it names none. */
export async function loadDraft(asker: Asker, loaded: Loaded): Promise<Draft | null> {
	const wanted = asker.url.searchParams.get('at');
	if (wanted === null) return null;
	const named = loaded.retro.named.find(({ fact }) => fact === wanted);
	if (!named) error(404, notFound);
	const { name, by, at } = named;
	const path = `/incidents/${loaded.id}`;
	const t = new Date(at).toISOString();
	const [clock = 'known'] = clocksOf(loaded.incident.origin);
	const [{ retro, writtenSince }, incident] = await Promise.all([
		readApi<ApiPast>(asker, `${path}/retro/at?t=${t}`),
		readApi<ApiIncident>(asker, `${path}/at?clock=${clock}&t=${t}`),
	]);
	return {
		...{ name, by, at, written: writtenSince },
		retro: retroFromApi(retro),
		incident: incidentFromApi(incident),
	};
}
