import { resolve } from '$app/paths';
import { isUuid } from '#core/ids.ts';
import {
	feedbackQuestions,
	type FeedbackQuestion,
	type FeedbackState,
} from '#core/learning/feedback.ts';
import type { Named } from '#core/learning/actionsWire.ts';
import { notFound, readApi, sendApi, signInFirst } from '$lib/api.ts';
import type { ApiIncident } from '$lib/live/fromApi.ts';
import { error, fail, redirect } from '@sveltejs/kit';
import type { Actions, PageServerLoad } from './$types';

interface ApiFeedback {
	readonly state: FeedbackState;
	readonly mine: 'asked' | 'given' | 'notAsked';
	/** ISO 8601 UTC. */
	readonly until: string | null;
	readonly sum: {
		readonly answers: number;
		readonly questions: readonly {
			readonly question: FeedbackQuestion;
			readonly mean: number;
			readonly counts: readonly number[];
		}[];
		readonly lines: readonly { readonly line: string; readonly by: Named | null }[];
	} | null;
}

export const load: PageServerLoad = async ({ fetch, url, params }) => {
	const wanted = params.number.toLowerCase();
	if (!isUuid(wanted) && !/^\d{1,9}$/.test(wanted)) error(404, notFound);
	const asker = { fetch, url };
	const [{ number, title }, feedback] = await Promise.all([
		readApi<ApiIncident>(asker, `/incidents/${wanted}`),
		readApi<ApiFeedback>(asker, `/incidents/${wanted}/feedback`),
	]);
	if (params.number !== String(number)) redirect(307, resolve(`/i/${number}/feedback`));
	return { number, title, feedback, idempotencyKey: crypto.randomUUID() };
};

export const actions: Actions = {
	default: async ({ request, fetch, params, url }) => {
		const form = await request.formData();
		const line = String(form.get('line') ?? '').trim();
		const scores = feedbackQuestions.map((question) => [question, form.get(question)] as const);
		const missing = scores.some(([, score]) => score === null);
		const key = String(form.get('idempotencyKey') ?? '');
		const typed = {
			...{ line, idempotencyKey: key },
			scores: Object.fromEntries(scores) as Record<string, string | null>,
		};
		if (missing) return fail(422, { message: 'Choose one answer for each question.', ...typed });
		const reply = await sendApi(fetch, `POST /incidents/${params.number}/feedback`, {
			scores: Object.fromEntries(scores.map(([question, score]) => [question, Number(score)])),
			...(key === '' ? {} : { idempotencyKey: key }),
			...(line === '' ? {} : { line, isNamed: form.get('isNamed') !== null }),
		});
		if (reply.ok) redirect(303, resolve(`/i/${params.number}/feedback`));
		if (reply.status === 401) signInFirst(url);
		return fail(reply.status, { message: reply.message, ...typed });
	},
};
