import { resolve } from '$app/paths';
import { sendApi, signInFirst } from '$lib/api.ts';
import { fail, redirect } from '@sveltejs/kit';
import type { Actions } from './$types';

export const actions: Actions = {
	/** For those without scripts; whoever begins it owns it. */
	begin: async ({ fetch, params, url }) => {
		const reply = await sendApi(fetch, `POST /incidents/${params.number}/retro`, {});
		if (reply.ok) redirect(303, resolve(`/i/${params.number}/retro`));
		if (reply.status === 401) signInFirst(url);
		return fail(reply.status, { message: reply.message });
	},
};
