import { readApi, sendApi, signInFirst } from '$lib/api.ts';
import { fail } from '@sveltejs/kit';
import type { Actions, PageServerLoad } from './$types';

interface Service {
	readonly name: string;
	readonly team: string | null;
	/** How many incidents concern it. */
	readonly incidents: number;
	readonly isKept: boolean;
}

export const load: PageServerLoad = async ({ fetch, url, parent }) => {
	const { person } = await parent();
	if (!person) signInFirst(url);
	const { services } = await readApi<{ services: Service[] }>({ fetch, url }, '/services');
	return { me: person, services };
};

export const actions: Actions = {
	put: async ({ request, fetch }) => {
		const form = await request.formData();
		const text = (name: string) => String(form.get(name) ?? '').trim();
		const [name, team] = [text('name'), text('team')];
		const reply = await sendApi(fetch, 'PUT /services', { name, team: team || null });
		if (!reply.ok) return fail(reply.status, { message: reply.message, name, team });
		return { saved: name };
	},

	drop: async ({ request, fetch }) => {
		const name = String((await request.formData()).get('name') ?? '');
		const reply = await sendApi(fetch, `DELETE /services?name=${encodeURIComponent(name)}`);
		if (!reply.ok) return fail(reply.status, { message: reply.message, name, team: '' });
		return { dropped: name };
	},
};
