import { severities } from '#core/incident/lifecycle.ts';
import type { MetricSettings } from '#core/review/metrics/settings.ts';
import { readApi, sendApi, signInFirst } from '$lib/api.ts';
import { zonesWith } from '$lib/zones.ts';
import { fail } from '@sveltejs/kit';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ fetch, url, parent }) => {
	const { person } = await parent();
	if (!person) signInFirst(url);
	const settings = await readApi<MetricSettings>({ fetch, url }, '/settings/metrics');
	return {
		settings,
		severities,
		zones: zonesWith(settings.tz),
		isAdmin: person.access === 'admin',
	};
};

export const actions: Actions = {
	default: async ({ request, fetch }) => {
		const form = await request.formData();
		const tz = String(form.get('tz') ?? '');
		const downtimeSeverities = form.getAll('severity').map(String);
		const reply = await sendApi(fetch, 'PATCH /settings/metrics', { downtimeSeverities, tz });
		if (reply.ok) return { isSaved: true };
		return fail(reply.status, { fault: reply.message, chosen: { downtimeSeverities, tz } });
	},
};
