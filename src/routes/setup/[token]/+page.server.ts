import { resolve } from '$app/paths';
import { sendApi } from '$lib/api.ts';
import { fail, redirect } from '@sveltejs/kit';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ fetch }) => {
	const response = await fetch('/api/v1/setup/state');
	if (response.ok && !((await response.json()) as { needed: boolean }).needed) {
		redirect(303, resolve('/'));
	}
};

export const actions: Actions = {
	default: async ({ request, fetch, params }) => {
		const form = await request.formData();
		const name = String(form.get('name') ?? '').trim();
		const email = String(form.get('email') ?? '').trim();
		const password = String(form.get('password') ?? '');
		const reply = await sendApi(fetch, 'POST /setup', {
			token: params.token,
			name,
			email,
			password,
		});
		if (reply.ok) redirect(303, resolve('/'));
		return fail(reply.status, { name, email, message: reply.message, field: reply.field });
	},
};
