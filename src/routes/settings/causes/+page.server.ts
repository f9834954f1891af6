import { readApi, sendApi, signInFirst } from '$lib/api.ts';
import { fail } from '@sveltejs/kit';
import type { Actions, PageServerLoad } from './$types';

interface ApiCauses {
	readonly causes: readonly {
		readonly name: string;
		readonly description: string;
		readonly retiredAt: string | null;
		readonly used: number;
	}[];
	readonly free: readonly { readonly name: string; readonly used: number }[];
}

export const load: PageServerLoad = async ({ fetch, url, parent }) => {
	const { person } = await parent();
	if (!person) signInFirst(url);
	const { causes, free } = await readApi<ApiCauses>({ fetch, url }, '/causes');
	return { causes, free, isAdmin: person.access === 'admin' };
};

export const actions: Actions = {
	add: async ({ request, fetch }) => {
		const form = await request.formData();
		const text = (name: string) => String(form.get(name) ?? '').trim();
		const [name, description] = [text('name'), text('description')];
		const reply = await sendApi(fetch, 'POST /causes', { name, description });
		if (!reply.ok)
			return fail(reply.status, { add: { message: reply.message, name, description } });
		return { saved: name };
	},

	describe: ({ request, fetch }) =>
		change(request, fetch, (form) => ({ description: String(form.get('description') ?? '') })),

	retire: ({ request, fetch }) =>
		change(request, fetch, (form) => ({ isRetired: form.get('isRetired') === 'true' })),
};

async function change(request: Request, fetcher: typeof fetch, of: (form: FormData) => object) {
	const form = await request.formData();
	const name = String(form.get('name') ?? '');
	const reply = await sendApi(fetcher, `PATCH /causes/${encodeURIComponent(name)}`, of(form));
	if (!reply.ok) return fail(reply.status, { change: { name, message: reply.message } });
	return { saved: name };
}
