import { resolve } from '$app/paths';
import type { Access } from '#core/response/access.ts';
import { readApi, sendApi } from '$lib/api.ts';
import { fail, redirect } from '@sveltejs/kit';
import type { Actions, PageServerLoad } from './$types';

interface Invitation {
	readonly name: string | null;
	readonly email: string | null;
	readonly access: Access;
}

export const load: PageServerLoad = async ({ fetch, url, params }) => ({
	invitation: await readApi<Invitation>(
		{ fetch, url },
		`/invitations/${encodeURIComponent(params.token)}`,
	),
});

export const actions: Actions = {
	default: async ({ request, fetch, params }) => {
		const form = await request.formData();
		const name = String(form.get('name') ?? '').trim();
		const email = String(form.get('email') ?? '').trim();
		const password = String(form.get('password') ?? '');
		const route = `POST /invitations/${encodeURIComponent(params.token)}` as const;
		const reply = await sendApi(fetch, route, { name, email, password });
		if (reply.ok) redirect(303, resolve('/'));
		return fail(reply.status, { name, email, message: reply.message, field: reply.field });
	},
};
