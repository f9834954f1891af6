import { resolve } from '$app/paths';
import { sendApi } from '$lib/api.ts';
import { error, redirect } from '@sveltejs/kit';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = () => redirect(303, resolve('/'));

export const actions: Actions = {
	default: async ({ fetch }) => {
		const reply = await sendApi(fetch, 'DELETE /session');
		// Somebody who is signed out already wanted nothing else.
		if (!reply.ok && reply.status !== 401) error(reply.status, reply.message);
		redirect(303, resolve('/login'));
	},
};
