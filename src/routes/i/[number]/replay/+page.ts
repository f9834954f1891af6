import { isUuid } from '#core/ids.ts';
import { clocksOf, isNotYetKnown, type ReviewClock } from '#core/review/clocks.ts';
import { notFound, readApi } from '$lib/api.ts';
import { importedFromApi, incidentFromApi, type ApiIncident } from '$lib/live/fromApi.ts';
import type { PersonCard } from '$lib/live/People.svelte.ts';
import type { Shown } from '$lib/live/replay/messages.ts';
import { replayLink } from '$lib/room/momentLink.ts';
import { error, redirect } from '@sveltejs/kit';
import type { PageLoad } from './$types';

type ApiMoment = ApiIncident & { readonly at: string; readonly turn: number };

/** The incident at the moment that the address names, as the server reads it: the rest comes after. */
export const load: PageLoad = async ({ fetch, url, params }) => {
	const wanted = params.number.toLowerCase();
	if (!isUuid(wanted) && !/^\d{1,9}$/.test(wanted)) error(404, notFound);
	const asker = { fetch, url };
	const [now, { people }] = await Promise.all([
		readApi<ApiIncident>(asker, `/incidents/${wanted}`),
		readApi<{ people: PersonCard[] }>(asker, '/people'),
	]);
	const clocks = clocksOf(now.origin);
	const clock =
		clocks.find((name) => name === url.searchParams.get('clock')) ?? clocks[0] ?? 'known';
	const range = { from: instantIn(url, 'from'), to: instantIn(url, 'to') };
	const at = instantIn(url, 't');
	if (params.number !== String(now.number)) {
		redirect(307, replayLink(now.number, { at, ...range, clock }));
	}
	const moment = await momentOf(asker, `/incidents/${wanted}/at?clock=${clock}`, at);
	const others = importedFromApi(now)?.people;
	const named = people.map((card) => ({ ...card, name: others?.get(card.id) ?? card.name }));
	const first = shownOf(moment, clock);
	const isOver = ['resolved', 'closed'].includes(now.status);
	return { first, isLatest: at === null, isOver, id: now.id, people: named, range };
};

/** Before the first turn there is nothing to be read: then the first one is shown. */
async function momentOf(
	asker: { fetch: typeof fetch; url: URL },
	path: string,
	at: number | null,
): Promise<ApiMoment> {
	if (at === null) return readApi(asker, path);
	const response = await asker.fetch(`/api/v1${path}&t=${new Date(at).toISOString()}`);
	if (response.ok) return (await response.json()) as ApiMoment;
	return readApi(asker, response.status === 422 ? `${path}&turn=1` : path);
}

function shownOf(moment: ApiMoment, clock: ReviewClock): Shown {
	const reading = incidentFromApi(moment);
	const at = Date.parse(moment.at);
	const isTold = clock === 'happened' && clocksOf(reading.origin).length > 1;
	const unknown = isTold ? reading.timeline.filter((item) => isNotYetKnown(item, at)) : [];
	return {
		...{ at, clock, turn: moment.turn, reading },
		notes: null,
		notYetKnown: new Set(unknown.map(({ id }) => id)),
	};
}

/** An instant of the address; what is none is not there. */
function instantIn(url: URL, name: string): number | null {
	const at = Date.parse(url.searchParams.get(name) ?? '');
	return at >= 0 && at < Date.parse('9999-12-31') ? at : null;
}
