import { actionKindNames } from '#core/learning/actions.ts';
import type { ExportedRetro } from '#core/retro/export/exported.ts';
import { retroHtml } from '#core/retro/export/html.ts';
import { retroData } from '#core/retro/export/json.ts';
import { retroMarkdown } from '#core/retro/export/markdown.ts';
import { withRoles, type Namable } from '#core/retro/export/roles.ts';
import { notFound } from '$lib/api.ts';
import { error } from '@sveltejs/kit';
import { loadRetro, namesIn, type Loaded } from '../../load.ts';
import type { RequestHandler } from './$types';

const forms: ReadonlyMap<string, { type: string; write: (exported: ExportedRetro) => string }> =
	new Map([
		['md', { type: 'text/markdown; charset=utf-8', write: retroMarkdown }],
		['html', { type: 'text/html; charset=utf-8', write: retroHtml }],
		['json', { type: 'application/json', write: jsonOf }],
	]);

/** A retrospective as a file; `names=roles` tells roles instead of names, `version` which version. */
export const GET: RequestHandler = async ({ fetch, url, params }) => {
	const form = forms.get(params.format);
	if (!form) error(404, notFound);
	const loaded = await loadRetro({ fetch, url }, params.number);
	if (!loaded.retro.isBegun) error(404, notFound);
	const named = exportedOf(loaded, new URL(`/i/${loaded.number}/retro`, url).href);
	const isNameless = url.searchParams.get('names') === 'roles';
	const exported = isNameless ? withRoles(named, namable(loaded)) : named;
	const name = `INC-${loaded.number}-retrospective.${params.format}`;
	return new Response(form.write(exported), {
		headers: {
			'content-type': form.type,
			'content-disposition': `attachment; filename="${name}"`,
			'cache-control': 'no-store',
		},
	});
};

/** Everybody whose name could stand in it. */
function namable(loaded: Loaded): readonly Namable[] {
	const nameOf = namesIn(loaded);
	const ids = new Set([...loaded.people.map(({ id }) => id), ...loaded.others.keys()]);
	return Array.from(ids, (id) => ({ id, name: nameOf(id) }));
}

function exportedOf(loaded: Loaded, url: string): ExportedRetro {
	const { number, published, actions } = loaded;
	const retro = published?.retro ?? loaded.retro;
	return {
		...{ number, url, retro, at: Date.now() },
		version: retro.versions.find(({ version }) => version === published?.version) ?? null,
		incident: published?.incident ?? loaded.incident,
		actions: actions.map(({ title, kind, owner, dueOn, state, link }) => ({
			...{ title, dueOn, state, link },
			kind: actionKindNames[kind],
			owner: owner && owner.id,
		})),
		nameOf: namesIn(loaded),
	};
}

function jsonOf(exported: ExportedRetro): string {
	return `${JSON.stringify(retroData(exported), null, '\t')}\n`;
}
