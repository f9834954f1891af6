import { resolve } from '$app/paths';
import { redirect } from '@sveltejs/kit';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ fetch }) => {
	const response = await fetch('/api/v1/setup/state');
	if (response.ok && !((await response.json()) as { needed: boolean }).needed) {
		redirect(303, resolve('/'));
	}
};
