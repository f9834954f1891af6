import { resolve } from '$app/paths';
import { problemStates } from '#core/learning/problems.ts';
import { may } from '#core/response/access.ts';
import { readApi, sendApi, signInFirst } from '$lib/api.ts';
import { problemOf, type ProblemAnswer, type WholeProblem } from '$lib/learning/problem.ts';
import { fail, redirect } from '@sveltejs/kit';
import type { Actions, PageServerLoad } from './$types';
import { readChoices } from './asked.ts';

export const load: PageServerLoad = async ({ fetch, url, parent }) => {
	const { person } = await parent();
	if (!person) signInFirst(url);
	const state = problemStates.find((one) => one === url.searchParams.get('state')) ?? null;
	const asker = { fetch, url };
	const [{ problems, hasMore }, choices] = await Promise.all([
		readApi<{ problems: ProblemAnswer[]; hasMore: boolean }>(
			asker,
			`/problems${state === null ? '' : `?state=${state}`}`,
		),
		readChoices(asker),
	]);
	return { problems, hasMore, ...choices, state, mayChange: may(person, 'learn', null) };
};

export const actions: Actions = {
	default: async ({ request, fetch, url }) => {
		const reply = await sendApi<WholeProblem>(
			fetch,
			'POST /problems',
			problemOf(await request.formData()),
		);
		if (reply.ok) redirect(303, resolve(`/problems/${reply.value.problem.number}`));
		if (reply.status === 401) signInFirst(url);
		return fail(reply.status, { message: reply.message });
	},
};
