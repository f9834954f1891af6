import type { Person } from '#core/response/access.ts';
import type { TemplateSection } from '#core/retro/template.ts';
import { readApi, sendApi, signInFirst } from '$lib/api.ts';
import { fail } from '@sveltejs/kit';
import { arranged, edited, sectionsOf } from './sections.ts';
import type { Actions, PageServerLoad } from './$types';

interface ApiTemplate {
	readonly sections: readonly TemplateSection[];
	readonly isDefault: boolean;
}

export const load: PageServerLoad = async ({ fetch, url, parent }) => {
	const { person } = await parent();
	if (!person) signInFirst(url);
	const { sections, isDefault } = await readApi<ApiTemplate>({ fetch, url }, '/retro-template');
	return { sections: edited(sections), isDefault, isAdmin: person.access === 'admin' };
};

export const actions: Actions = {
	save: async ({ request, fetch }) => {
		const edits = sectionsOf(await request.formData());
		const sections = edits.map(({ heading, question, prefill, references }) => ({
			...{ heading, question, references },
			...(prefill && { prefill }),
		}));
		const reply = await sendApi(fetch, 'PUT /retro-template', { sections });
		if (reply.ok) return { isSaved: true };
		const { message, field = '' } = reply;
		return fail(reply.status, { sections: edits, fault: { message, field } });
	},

	/** Moves, adds or removes a section, without saving anything. */
	arrange: async ({ request, fetch, url }) => {
		const { person } = await readApi<{ person: Person | null }>({ fetch, url }, '/session');
		if (!person) signInFirst(url);
		if (person.access !== 'admin') {
			return fail(403, { fault: { message: 'Only an admin can do this.', field: '' } });
		}
		const form = await request.formData();
		return { sections: arranged(sectionsOf(form), String(form.get('wish') ?? '')) };
	},

	restore: async ({ fetch }) => {
		const reply = await sendApi(fetch, 'DELETE /retro-template');
		if (reply.ok) return { isSaved: true };
		return fail(reply.status, { fault: { message: reply.message, field: '' } });
	},
};
