import { resolve } from '$app/paths';
import { may } from '#core/response/access.ts';
import { sendApi, signInFirst } from '$lib/api.ts';
import { fail, redirect } from '@sveltejs/kit';
import { loadRetro } from '../load.ts';
import type { Actions, PageServerLoad } from './$types';
import { loadDraft } from './load.ts';

/** What a retrospective was: its versions, and with `at` or `version` in the address one of them. */
export const load: PageServerLoad = async ({ fetch, url, params, parent }) => {
	const asker = { fetch, url };
	const { person } = await parent();
	if (!person) signInFirst(url);
	const loaded = await loadRetro(asker, params.number);
	const mayName = loaded.retro.isBegun && loaded.retro.stage !== 'published';
	return {
		loaded,
		draft: await loadDraft(asker, loaded),
		/** The version that is compared with the one before. */
		compared: url.searchParams.has('version') ? loaded.published : null,
		mayName: mayName && may(person, 'command', null),
		/** Epoch ms. */
		now: Date.now(),
	};
};

export const actions: Actions = {
	name: async ({ request, fetch, params, url }) => {
		const form = await request.formData();
		const name = String(form.get('name') ?? '');
		const reply = await sendApi(fetch, `POST /incidents/${params.number}/retro/commands`, {
			type: 'nameVersion',
			name,
		});
		if (reply.ok) redirect(303, resolve(`/i/${params.number}/retro/history`));
		if (reply.status === 401) signInFirst(url);
		return fail(reply.status, { message: reply.message, name });
	},
};
