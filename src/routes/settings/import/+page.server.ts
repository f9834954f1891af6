import { signInFirst } from '$lib/api.ts';
import { fail, type RequestEvent } from '@sveltejs/kit';
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
	preview: (asker) => ask(asker, true),
	import: (asker) => ask(asker, false),
};

const tooLarge = 'This file did not get through: without scripts it may have at most 1 MB.';

async function ask({ request, fetch, url }: Asker, isDryRun: boolean) {
	const form = await request.formData().catch(() => null);
	if (!form) return fail(413, answered({ fault: tooLarge }));
	const file = form.get('file');
	if (!(file instanceof File) || file.size === 0) {
		return fail(422, answered({ fault: 'Choose a file that has something in it.' }));
	}
	const found = tableOf(await file.text());
	const table = found && mapped(found.header, form);
	const typed = { table, ...typedIn(form) };
	const response = await fetch(
		`/api/v1/imports/incidents?${queryOf(form, { isDryRun, columns: table?.columns })}`,
		{ method: 'POST', headers: { 'content-type': 'application/x-ndjson' }, body: file },
	);
	const answer = (await response.json().catch(() => null)) as unknown;
	if (response.ok) return answered({ ...typed, came: answer as Came });
	if (response.status === 401) signInFirst(url);
	const said = (answer as { error?: { message?: string } } | null)?.error?.message;
	return fail(response.status, answered({ ...typed, fault: said ?? 'Muster does not answer.' }));
}

type Asker = Pick<RequestEvent, 'request' | 'fetch' | 'url'>;

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
