import type { Access } from '#core/response/access.ts';
import { readApi, sendApi, signInFirst } from '$lib/api.ts';
import { fail } from '@sveltejs/kit';
import type { Actions, PageServerLoad } from './$types';

interface ApiToken {
	readonly id: string;
	readonly name: string;
	readonly access: Access;
	/** ISO 8601 UTC. */
	readonly createdAt: string;
}

export const load: PageServerLoad = async ({ fetch, url, parent }) => {
	const { person } = await parent();
	if (!person) signInFirst(url);
	const { tokens } = await readApi<{ tokens: ApiToken[] }>({ fetch, url }, '/tokens');
	return { me: person, tokens };
};

export const actions: Actions = {
	make: async ({ request, fetch }) => {
		const form = await request.formData();
		const name = String(form.get('name') ?? '').trim();
		const access = String(form.get('access') ?? '');
		const reply = await sendApi<{ token: string }>(fetch, 'POST /tokens', { name, access });
		if (!reply.ok) return fail(reply.status, { message: reply.message, name });
		return { made: { token: reply.value.token, name } };
	},

	revoke: async ({ request, fetch }) => {
		const id = String((await request.formData()).get('id') ?? '');
		const reply = await sendApi(fetch, `DELETE /tokens/${encodeURIComponent(id)}`);
		return reply.ok ? { revoked: id } : fail(reply.status, { message: reply.message, name: '' });
	},
};
