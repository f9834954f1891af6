import type { Severity } from '#core/incident/lifecycle.ts';
import type { Named, NamedIncident } from '#core/learning/actionsWire.ts';
import { readApi } from '$lib/api.ts';
import type { PageLoad } from './$types';

/** A retrospective, or an incident that ought to have one. Instants are ISO 8601 UTC. */
export interface RetroRow {
	readonly incident: NamedIncident;
	readonly severity: Severity | null;
	readonly state: 'due' | 'draft' | 'inReview' | 'published';
	readonly owner: Named | null;
	readonly formerOwner: Named | null;
	readonly dueAt: string | null;
	readonly isOverdue: boolean;
	readonly version: number;
	readonly publishedAt: string | null;
}

export const load: PageLoad = async ({ fetch, url, depends }) => {
	depends('muster:retros');
	const { retros } = await readApi<{ retros: RetroRow[] }>({ fetch, url }, '/retros');
	return { retros };
};
