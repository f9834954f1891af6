import { resolve } from '$app/paths';
import { may, type Person } from '#core/response/access.ts';
import type { ActionAnswer } from '#core/learning/actionsWire.ts';
import { readApi, safeNext, sendApi, signInFirst } from '$lib/api.ts';
import { fail, redirect } from '@sveltejs/kit';
import type { Actions, PageServerLoad } from './$types';

/** What the page asks for is in its address, in the words of the API. */
const asked = ['state', 'owner', 'incident', 'overdue', 'dueFrom', 'dueTo'] as const;

export const load: PageServerLoad = async ({ fetch, url, parent, depends }) => {
	depends('muster:actions');
	const { person } = await parent();
	if (!person) signInFirst(url);
	const query: Partial<Record<(typeof asked)[number], string>> = {};
	for (const name of asked) {
		const value = url.searchParams.get(name);
		if (value) query[name] = value;
	}
	const asker = { fetch, url };
	const [{ actions, hasMore }, { people }] = await Promise.all([
		readApi<{ actions: ActionAnswer[]; hasMore: boolean }>(
			asker,
			`/actions?${new URLSearchParams(query).toString()}`,
		),
		readApi<{ people: Person[] }>(asker, '/people'),
	]);
	return {
		...{ actions, hasMore },
		people: people.filter(({ kind }) => kind === 'user').map(({ id, name }) => ({ id, name })),
		query,
		mayChange: may(person, 'learn', null),
		now: Date.now(),
	};
};

export const actions: Actions = {
	/** For browsers without scripts: ends an action or opens it again, then shows where it was. */
	state: async ({ request, fetch, url }) => {
		const form = await request.formData();
		const id = String(form.get('id') ?? '');
		const reply = await sendApi(fetch, `PATCH /actions/${encodeURIComponent(id)}`, {
			state: String(form.get('state') ?? ''),
			expects: Number(form.get('expects') ?? 0),
		});
		if (reply.ok) redirect(303, safeNext(String(form.get('back') ?? resolve('/actions'))));
		if (reply.status === 401) signInFirst(url);
		return fail(reply.status, { message: reply.message });
	},
};
