import { may } from '#core/response/access.ts';
import { notFound, readApi, sendApi, signInFirst } from '$lib/api.ts';
import { problemOf, type WholeProblem } from '$lib/learning/problem.ts';
import { error, fail } from '@sveltejs/kit';
import type { Actions, PageServerLoad } from './$types';
import { readChoices } from '../asked.ts';

export const load: PageServerLoad = async ({ fetch, url, params, parent }) => {
	const { person } = await parent();
	if (!person) signInFirst(url);
	if (!/^\d{1,9}$/.test(params.number)) error(404, notFound);
	const asker = { fetch, url };
	const [whole, choices] = await Promise.all([
		readApi<WholeProblem>(asker, `/problems/${params.number}`),
		readChoices(asker),
	]);
	return { ...whole, ...choices, mayChange: may(person, 'learn', null), now: Date.now() };
};

export const actions: Actions = {
	change: async ({ request, fetch, params }) => {
		const form = await request.formData();
		const expects = Number(form.get('expects') ?? 0);
		const reply = await sendApi(fetch, `PATCH /problems/${params.number}`, {
			...problemOf(form),
			expects,
		});
		return reply.ok ? { saved: true } : fail(reply.status, { change: reply.message });
	},

	join: async ({ request, fetch, params }) => {
		const incident = String((await request.formData()).get('incident') ?? '')
			.trim()
			.replace(/^INC-/i, '');
		const route = `POST /problems/${params.number}/incidents` as const;
		const reply = await sendApi(fetch, route, { incident });
		return reply.ok ? { saved: true } : fail(reply.status, { join: reply.message });
	},

	part: async ({ request, fetch, params }) => {
		const incident = encodeURIComponent(String((await request.formData()).get('incident') ?? ''));
		const route = `DELETE /problems/${params.number}/incidents/${incident}` as const;
		const reply = await sendApi(fetch, route);
		return reply.ok ? { saved: true } : fail(reply.status, { join: reply.message });
	},
};
