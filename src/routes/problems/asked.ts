import type { Named } from '#core/learning/actionsWire.ts';
import type { Person } from '#core/response/access.ts';
import { readApi } from '$lib/api.ts';

interface ApiCauses {
	readonly causes: readonly { readonly name: string; readonly retiredAt: string | null }[];
	readonly free: readonly { readonly name: string }[];
}

/** What a problem's form offers: causes, and people who can have one. */
export async function readChoices(asker: {
	readonly fetch: typeof fetch;
	readonly url: URL;
}): Promise<{ readonly causes: readonly string[]; readonly people: readonly Named[] }> {
	const [{ causes, free }, { people }] = await Promise.all([
		readApi<ApiCauses>(asker, '/causes'),
		readApi<{ people: Person[] }>(asker, '/people'),
	]);
	const offered = causes.filter(({ retiredAt }) => retiredAt === null);
	return {
		causes: [...offered, ...free].map(({ name }) => name),
		people: people.filter(({ kind }) => kind === 'user').map(({ id, name }) => ({ id, name })),
	};
}
