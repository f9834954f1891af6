import { resolve } from '$app/paths';
import { safeNext, sendApi } from '$lib/api.ts';
import { fail, redirect } from '@sveltejs/kit';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ fetch, parent, url }) => {
	const next = safeNext(url.searchParams.get('next'));
	const { person } = await parent();
	if (person) redirect(303, next);
	const response = await fetch('/api/v1/setup/state');
	if (response.ok && ((await response.json()) as { needed: boolean }).needed) {
		redirect(303, resolve('/setup'));
	}
	return { next };
};

export const actions: Actions = {
	default: async ({ request, fetch, url }) => {
		const form = await request.formData();
		const email = String(form.get('email') ?? '').trim();
		const password = String(form.get('password') ?? '');
		const reply = await sendApi(fetch, 'POST /session', { email, password });
		if (reply.ok) redirect(303, safeNext(url.searchParams.get('next')));
		return fail(reply.status, { email, message: reply.message });
	},
};
