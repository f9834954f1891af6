import { isUuid, type IncidentId, type PersonId } from '#core/ids.ts';
import type { Incident, NameOf } from '#core/incident/reading.ts';
import type { ActionAnswer } from '#core/learning/actionsWire.ts';
import type { Retro } from '#core/retro/reading.ts';
import { noRetro } from '#core/retro/state.ts';
import type { Change } from '#core/review/changes.ts';
import { notFound, readApi } from '$lib/api.ts';
import { importedFromApi, incidentFromApi, type ApiIncident } from '$lib/live/fromApi.ts';
import type { PersonCard } from '$lib/live/People.svelte.ts';
import { retroFromApi, type ApiRetro } from '$lib/live/retroFromApi.ts';
import { error } from '@sveltejs/kit';

type Asker = Parameters<typeof readApi>[0];

/** A published version: the retrospective and the incident as they were then. */
export interface Published {
	readonly version: number;
	readonly by: string;
	/** Epoch ms. */
	readonly at: number;
	readonly retro: Retro;
	readonly incident: Incident;
	/** What was corrected in the incident since, in words. */
	readonly changes: readonly string[];
	/** What was written since the version before; null for the first one. */
	readonly written: readonly Change[] | null;
	/** Whether the address names this version. */
	readonly isAskedFor: boolean;
}

interface ApiVersion {
	readonly version: number;
	readonly publishedAt: string;
	readonly publishedBy: { readonly name: string };
	readonly retro: ApiRetro;
	readonly incident: ApiIncident;
	readonly changedSince: readonly Change[];
	readonly writtenSinceBefore: readonly Change[] | null;
}

/** What every page of a retrospective shows. */
export interface Loaded {
	readonly id: IncidentId;
	readonly number: number;
	readonly incident: Incident;
	/** As it is now; one that nobody has begun is empty. */
	readonly retro: Retro;
	/** The version that is asked for, else the one that stands there frozen; null for a draft. */
	readonly published: Published | null;
	readonly people: readonly PersonCard[];
	/** Whom an imported incident names, as they are called at its source: their ids say nothing of ours. */
	readonly others: ReadonlyMap<PersonId, string>;
	readonly actions: readonly ActionAnswer[];
}

/** Reads an incident's retrospective, by the incident's number or id, with the version that the address asks for. */
export async function loadRetro(asker: Asker, given: string): Promise<Loaded> {
	const wanted = given.toLowerCase();
	if (!isUuid(wanted) && !/^\d{1,9}$/.test(wanted)) error(404, notFound);
	const [now, retro, { people }, { actions }] = await Promise.all([
		readApi<ApiIncident>(asker, `/incidents/${wanted}`),
		readRetro(asker, wanted),
		readApi<{ people: PersonCard[] }>(asker, '/people'),
		readApi<{ actions: ActionAnswer[] }>(asker, `/incidents/${wanted}/actions`),
	]);
	const { id, ...incident } = incidentFromApi(now);
	const published = await publishedOf(asker, wanted, retro);
	const others = importedFromApi(now)?.people ?? new Map<PersonId, string>();
	return { id, number: now.number, incident, retro, published, people, others, actions };
}

/** What people are called in a retrospective: an id of the source's is never one of ours. */
export function namesIn({ people, others }: Pick<Loaded, 'people' | 'others'>): NameOf {
	const names = new Map<PersonId, string>([
		...people.map(({ id, name }) => [id, name] as const),
		...others,
	]);
	return (person) => names.get(person) ?? 'Somebody';
}

/** Nobody has begun most of them. */
async function readRetro({ fetch }: Asker, wanted: string): Promise<Retro> {
	const response = await fetch(`/api/v1/incidents/${wanted}/retro`);
	// What else is wrong is found by the questions beside this one.
	if (!response.ok) return { ...noRetro, report: [], findings: [], written: 0 };
	return retroFromApi((await response.json()) as ApiRetro);
}

async function publishedOf(asker: Asker, wanted: string, retro: Retro): Promise<Published | null> {
	const named = asker.url.searchParams.get('version');
	const asked = named !== null && /^[1-9]\d{0,5}$/.test(named) ? Number(named) : null;
	const last = retro.stage === 'published' ? (retro.versions.at(-1)?.version ?? null) : null;
	const number = asked ?? last;
	if (number === null) return null;
	const path = `/incidents/${wanted}/retro/versions/${number}`;
	const { version, publishedAt, publishedBy, ...content } = await readApi<ApiVersion>(asker, path);
	return {
		...{ version, by: publishedBy.name, at: Date.parse(publishedAt) },
		retro: retroFromApi(content.retro),
		incident: incidentFromApi(content.incident),
		changes: content.changedSince.map(({ of, words }) => `${of}: ${words}`),
		written: content.writtenSinceBefore,
		isAskedFor: asked !== null && asked !== last,
	};
}
