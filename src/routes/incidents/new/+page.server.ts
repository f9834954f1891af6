import { resolve } from '$app/paths';
import { may } from '#core/response/access.ts';
import type { BoardRow } from '#core/wire.ts';
import { notFound, readApi, sendApi, signInFirst } from '$lib/api.ts';
import { error, fail, redirect } from '@sveltejs/kit';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ fetch, url, parent }) => {
	const { person } = await parent();
	if (!person) signInFirst(url);
	if (!may(person, 'declare', null)) error(404, notFound);
	const { incidents } = await readApi<{ incidents: BoardRow[] }>(
		{ fetch, url },
		'/incidents?state=open',
	);
	const { services } = await readApi<{ services: { name: string }[] }>(
		{ fetch, url },
		'/services?incidents=without',
	);
	const known = services.map(({ name }) => name);
	return { incidents, known, idempotencyKey: crypto.randomUUID() };
};

export const actions: Actions = {
	default: async ({ request, fetch, url }) => {
		const form = await request.formData();
		const text = (name: string) => String(form.get(name) ?? '');
		const sent = {
			title: text('title').trim(),
			severity: text('severity'),
			kind: text('kind'),
			services: text('services'),
		};
		const services = sent.services.split(',').filter((name) => name.trim() !== '');
		const key = text('idempotencyKey');
		const reply = await sendApi<{ number: number }>(fetch, 'POST /incidents', {
			title: sent.title,
			...(sent.severity ? { severity: sent.severity } : {}),
			...(sent.kind ? { kind: sent.kind } : {}),
			...(services.length > 0 ? { services } : {}),
			...(key ? { idempotencyKey: key } : {}),
		});
		if (reply.ok) redirect(303, resolve(`/i/${reply.value.number}`));
		if (reply.status === 401) signInFirst(url);
		return fail(reply.status, { ...sent, message: reply.message, idempotencyKey: key });
	},
};
