import { resolve } from '$app/paths';
import { readApi } from '$lib/api.ts';
import type { FeedbackState } from '#core/learning/feedback.ts';
import type { TemplateSection } from '#core/retro/template.ts';
import { redirect } from '@sveltejs/kit';
import type { PageLoad } from './$types';
import { loadRetro } from './load.ts';

interface ApiCauses {
	readonly causes: readonly { readonly name: string; readonly retiredAt: string | null }[];
	readonly free: readonly { readonly name: string }[];
}

interface ApiFeedback {
	readonly mine: 'asked' | 'given' | 'notAsked';
	readonly state: FeedbackState;
}

type Asker = Parameters<typeof readApi>[0];

/** The retrospective of an incident, by the incident's number; the incident's id leads there too. */
export const load: PageLoad = async ({ fetch, url, params }) => {
	const asker = { fetch, url };
	const [loaded, { causes, free }, { sections }] = await Promise.all([
		loadRetro(asker, params.number),
		readApi<ApiCauses>(asker, '/causes'),
		readApi<{ sections: readonly TemplateSection[] }>(asker, '/retro-template'),
	]);
	if (params.number !== String(loaded.number)) redirect(307, resolve(`/i/${loaded.number}/retro`));
	const { status } = loaded.incident;
	const offered = causes.filter(({ retiredAt }) => retiredAt === null);
	return {
		loaded,
		sections,
		hasFeedback: status === 'closed' && (await concernsMe(asker, loaded.number)),
		causes: [...offered, ...free].map(({ name }) => name),
	};
};

/** Whether the feedback asks me, or can be read. */
async function concernsMe(asker: Asker, number: number): Promise<boolean> {
	const path = `/incidents/${number}/feedback?sum=without`;
	const { mine, state } = await readApi<ApiFeedback>(asker, path);
	return mine === 'asked' || state === 'shown';
}
