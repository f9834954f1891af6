import { signInFirst } from '$lib/api.ts';
import { fail } from '@sveltejs/kit';
import { mapped, queryOf, tableOf, type Table } from './asking.ts';
import type { Came } from './came.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ url, parent }) => {
	const { person } = await parent();
	if (!person) signInFirst(url);
	return { isAdmin: person.access === 'admin' };
};

/** For browsers without scripts: with them the page asks the API itself. */
export const actions: Actions = {
	preview: ({ request, fetch }) => ask(request, fetch, true),
	import: ({ request, fetch }) => ask(request, fetch, false),
};

const tooLarge = 'This file did not get through: without scripts it may have at most 1 MB.';

async function ask(request: Request, fetcher: typeof fetch, isDryRun: boolean) {
	const form = await request.formData().catch(() => null);
	if (!form) return fail(413, answered({ fault: tooLarge }));
	const file = form.get('file');
	if (!(file instanceof File) || file.size === 0) {
		return fail(422, answered({ fault: 'Choose a file that has something in it.' }));
	}
	const found = tableOf(await file.text());
	const table = found && mapped(found.header, form);
	const typed = { table, ...typedIn(form) };
	const response = await fetcher(
		`/api/v1/imports/incidents?${queryOf(form, { isDryRun, columns: table?.columns })}`,
		{ method: 'POST', headers: { 'content-type': 'application/x-ndjson' }, body: file },
	);
	const answer = (await response.json().catch(() => null)) as unknown;
	if (response.ok) return answered({ ...typed, came: answer as Came });
	const said = (answer as { error?: { message?: string } } | null)?.error?.message;
	return fail(response.status, answered({ ...typed, fault: said ?? 'Muster does not answer.' }));
}

interface Answered {
	readonly came: Came | null;
	readonly fault: string | null;
	readonly table: Table | null;
	readonly source: string;
	readonly zone: string;
	readonly isWhole: boolean;
}

function answered(said: Partial<Answered>): Answered {
	const nothing = { came: null, fault: null, table: null, source: '', zone: '', isWhole: false };
	return { ...nothing, ...said };
}

function typedIn(form: FormData): Pick<Answered, 'source' | 'zone' | 'isWhole'> {
	const text = (name: string) => String(form.get(name) ?? '').trim();
	return { source: text('source'), zone: text('zone'), isWhole: form.has('allOrNothing') };
}
