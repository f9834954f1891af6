import type { PageLoad } from './$types';
import { loadRetro } from '../load.ts';

export const csr = false;

/** The retrospective as it is printed: what is published, else the draft. */
export const load: PageLoad = async ({ fetch, url, params }) => ({
	loaded: await loadRetro({ fetch, url }, params.number),
	/** Epoch ms. */
	now: Date.now(),
});
