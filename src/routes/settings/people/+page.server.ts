import type { PersonId } from '#core/ids.ts';
import type { Person } from '#core/response/access.ts';
import { readApi, sendApi, signInFirst } from '$lib/api.ts';
import { fail } from '@sveltejs/kit';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ fetch, url, parent }) => {
	const { person } = await parent();
	if (!person) signInFirst(url);
	const { people } = await readApi<{ people: Person[] }>({ fetch, url }, '/people');
	return { me: person, people };
};

export const actions: Actions = {
	invite: async ({ request, fetch }) => {
		const form = await request.formData();
		const text = (name: string) => String(form.get(name) ?? '').trim();
		const [name, email, access] = [text('name'), text('email'), text('access')];
		const reply = await sendApi<{ url: string }>(fetch, 'POST /invitations', {
			access,
			...(name ? { name } : {}),
			...(email ? { email } : {}),
		});
		if (!reply.ok) return fail(reply.status, { invite: { message: reply.message, name, email } });
		return { invited: { url: reply.value.url, name } };
	},

	access: async ({ request, fetch }) => {
		const form = await request.formData();
		const id = String(form.get('id') ?? '') as PersonId;
		const route = `PATCH /people/${encodeURIComponent(id)}` as const;
		const reply = await sendApi(fetch, route, {
			access: String(form.get('access') ?? ''),
		});
		if (!reply.ok) return fail(reply.status, { change: { id, message: reply.message } });
		return { changed: id };
	},

	forget: async ({ request, fetch }) => {
		const form = await request.formData();
		const id = String(form.get('id') ?? '') as PersonId;
		const reply = await sendApi(fetch, `DELETE /people/${encodeURIComponent(id)}`);
		if (!reply.ok) return fail(reply.status, { change: { id, message: reply.message } });
		return { forgotten: id };
	},
};
