import { createRoute, z } from '@hono/zod-openapi';
import { retroDocumentOf, roomDocumentOf, type IncidentId } from '#core/ids.ts';
import { readIncident, type NameOf } from '#core/incident/reading.ts';
import { Refusal } from '#core/refusal.ts';
import { may } from '#core/response/access.ts';
import { beginRetroRequest, retroCommandRequest } from '#core/retro/commands.ts';
import { retroChanges } from '#core/retro/changes.ts';
import { readRetro } from '#core/retro/reading.ts';
import { defaultTemplate, templateRequest } from '#core/retro/template.ts';
import { changesBetween } from '#core/review/changes.ts';
import { askerOf } from '#server/incidents/asker.ts';
import { beginRetro } from '#server/incidents/beginRetro.ts';
import { readRetroAt, type RetroMomentParts } from '#server/history/retroMoment.ts';
import { limits } from '#server/limits.ts';
import type { PublishedContent } from '#server/persister/publishing.ts';
import { readActions } from '#server/storage/actions.ts';
import { insist, patiently } from '#server/storage/away.ts';
import { readVersion, searchRetros, type RetroVersion } from '#server/storage/retros.ts';
import { dropTemplate, readTemplate, writeTemplate } from '#server/storage/retroTemplate.ts';
import type { Rooms } from '#server/sync/rooms.ts';
import { readBody } from '../body.ts';
import { describedBody, json } from '../openapi.ts';
import { newRouter, type ApiRouter } from '../router.ts';
import { allowed, signedIn } from '../who.ts';
import { incidentFor, incidentParams, type IncidentParts } from './incident.ts';
import { describeIncident, incident, instantField, named, namedField } from './reading.ts';
import { describeRetro, retro } from './retroReading.ts';

const answer = retro
	.extend({
		incident: z.object({ id: z.uuid(), number: z.int(), title: z.string() }),
		mayEdit: z.boolean(),
	})
	.openapi('RetrospectiveNow');

const begin = createRoute({
	method: 'post',
	path: '/incidents/{id}/retro',
	summary: 'Begin the retrospective of an incident',
	description:
		'From *resolved* on. It begins with what is known, section by section; who begins it owns it unless ' +
		'somebody else is named, and it is due five business days after the incident was resolved. Typing in ' +
		'it is the live document’s, at `/sync/<incidentId>/retro`.',
	request: { params: incidentParams, body: describedBody(beginRetroRequest) },
	responses: {
		201: { description: 'Begun', content: json(answer) },
		200: { description: 'Somebody had begun it', content: json(answer) },
	},
});

const read = createRoute({
	method: 'get',
	path: '/incidents/{id}/retro',
	summary: 'The retrospective of an incident as it is now',
	request: { params: incidentParams },
	responses: { 200: { description: 'The reading', content: json(answer) } },
});

const command = createRoute({
	method: 'post',
	path: '/incidents/{id}/retro/commands',
	summary: 'Change where a retrospective stands, or comment on it',
	request: { params: incidentParams, body: describedBody(retroCommandRequest) },
	responses: { 200: { description: 'As it is after that', content: json(answer) } },
});

const change = z.object({
	of: z.string(),
	words: z.string(),
	text: z
		.object({ before: z.string(), removed: z.string(), inserted: z.string(), after: z.string() })
		.optional(),
	item: z.string().optional(),
});

const version = createRoute({
	method: 'get',
	path: '/incidents/{id}/retro/versions/{version}',
	summary: 'A published version of a retrospective, `last` for the last one',
	request: {
		params: incidentParams.extend({
			version: z.string().regex(/^([1-9]\d{0,5}|last)$/, 'A version is a number, or `last`.'),
		}),
	},
	responses: {
		200: {
			description:
				'What was published, the incident as it was then, what has changed in the incident since, and ' +
				'what was written since the version before',
			content: json(
				z.object({
					version: z.int(),
					publishedAt: instantField,
					publishedBy: namedField,
					retro,
					incident,
					changedSince: z.array(change),
					/** What was written since the version before; null for the first one. */
					writtenSinceBefore: z.array(change).nullable(),
				}),
			),
		},
	},
});

const past = createRoute({
	method: 'get',
	path: '/incidents/{id}/retro/at',
	summary: 'The retrospective as it was at an instant',
	request: { params: incidentParams, query: z.strictObject({ t: instantField }) },
	responses: {
		200: {
			description: 'As after the last turn by then, and what was written since',
			content: json(z.object({ turn: z.int(), retro, writtenSince: z.array(change) })),
		},
	},
});

const search = createRoute({
	method: 'get',
	path: '/retros/search',
	summary: 'Look through published retrospectives',
	request: { query: z.strictObject({ q: z.string().trim().min(1).max(200) }) },
	responses: {
		200: {
			description: 'The best matches first; the words that were looked for stand in «»',
			content: json(
				z.object({
					found: z.array(
						z.object({
							incident: z.object({ id: z.uuid(), number: z.int(), title: z.string() }),
							version: z.int(),
							publishedAt: instantField,
							excerpt: z.string(),
						}),
					),
				}),
			),
		},
	},
});

const sections = z.object({
	sections: z.array(
		z.object({
			heading: z.string(),
			question: z.string(),
			prefill: z.string().optional(),
			references: z.array(z.string()).optional(),
		}),
	),
	/** Whether it is Muster’s own. */
	isDefault: z.boolean(),
});

const template = createRoute({
	method: 'get',
	path: '/retro-template',
	summary: 'What new retrospectives begin with',
	responses: { 200: { description: 'Its sections', content: json(sections) } },
});

const putTemplate = createRoute({
	method: 'put',
	path: '/retro-template',
	summary: 'Change what new retrospectives begin with',
	request: { body: describedBody(templateRequest) },
	responses: { 200: { description: 'Its sections', content: json(sections) } },
});

const deleteTemplate = createRoute({
	method: 'delete',
	path: '/retro-template',
	summary: 'Begin with Muster’s own sections again',
	responses: { 200: { description: 'Its sections', content: json(sections) } },
});

export interface RetroRouteParts extends IncidentParts {
	readonly rooms: IncidentParts['rooms'] & Pick<Rooms, 'retro'>;
	readonly moments: RetroMomentParts;
	/** Resolves once the published versions of a retrospective are kept. */
	readonly published: (incident: IncidentId) => Promise<unknown>;
}

/** `/incidents/{id}/retro`, `/retros/search` and `/retro-template`. */
export function retroRoutes(parts: RetroRouteParts): ApiRouter {
	const { db } = parts;
	return newRouter()
		.openapi(begin, async (c) => {
			const request = await readBody(c, beginRetroRequest);
			const id = await incidentFor(c, parts, 'command');
			const asker = askerOf(signedIn(c), 'beginRetro', request);
			const isNew = await beginRetro({ ...parts, nameOf: parts.people.nameOf }, id, {
				...{ asker, request },
			});
			return c.json(await describe(parts, id, signedIn(c)), isNew ? 201 : 200);
		})
		.openapi(read, async (c) => {
			const id = await incidentFor(c, parts, 'read');
			return c.json(await describe(parts, id, signedIn(c)), 200);
		})
		.openapi(command, async (c) => {
			const { idempotencyKey, ...wish } = await readBody(c, retroCommandRequest);
			const id = await incidentFor(c, parts, 'command');
			if (wish.type === 'submit') await refuseUnowned(parts, id);
			const asker = askerOf(signedIn(c), 'retro', { ...wish, idempotencyKey });
			await insist(() => parts.rooms.retro(id, asker, wish));
			if (wish.type === 'publish') await parts.published(id);
			return c.json(await describe(parts, id, signedIn(c)), 200);
		})
		.openapi(version, async (c) => {
			const id = await incidentFor(c, parts, 'read');
			const asked = c.req.valid('param').version;
			const number = asked === 'last' ? null : Number(asked);
			await patiently(() => parts.known.of(id));
			const found = await patiently(() => readVersion(db.sql, id, number));
			if (!found) throw new Refusal('unknown', 'There is no such version.');
			return c.json(await describeVersion(parts, id, found), 200);
		})
		.openapi(past, async (c) => {
			const id = await incidentFor(c, parts, 'read');
			const nameOf = await patiently(() => parts.known.namesIn(id));
			const document = retroDocumentOf(id);
			const now = await patiently(() => parts.rooms.read(document, readRetro));
			const at = Date.parse(c.req.valid('query').t);
			const then = await patiently(() => readRetroAt(parts.moments, document, at));
			const writtenSince = retroChanges(then.retro, now).map((one) => ({ ...one }));
			const { turn } = then;
			return c.json({ turn, retro: describeRetro(then.retro, nameOf), writtenSince }, 200);
		})
		.openapi(search, async (c) => {
			allowed(c, 'read');
			const { q } = c.req.valid('query');
			const most = limits.retrosFound;
			const found = await patiently(() => searchRetros(db.sql, { words: q, most }));
			return c.json({ found: found.map(describeFound) }, 200);
		})
		.openapi(template, async (c) => {
			allowed(c, 'read');
			return c.json(await describeTemplate(parts), 200);
		})
		.openapi(putTemplate, async (c) => {
			const request = await readBody(c, templateRequest);
			const by = allowed(c, 'administer').id;
			await insist(() => writeTemplate(db.sql, request.sections, by));
			return c.json(await describeTemplate(parts), 200);
		})
		.openapi(deleteTemplate, async (c) => {
			allowed(c, 'administer');
			await insist(() => dropTemplate(db.sql));
			return c.json(await describeTemplate(parts), 200);
		});
}

async function describe(
	{ rooms, known }: RetroRouteParts,
	id: IncidentId,
	person: ReturnType<typeof signedIn>,
): Promise<z.infer<typeof answer>> {
	const [nameOf, { number }] = await patiently(() =>
		Promise.all([known.namesIn(id), known.of(id)]),
	);
	const [reading, title] = await patiently(() =>
		Promise.all([
			rooms.read(retroDocumentOf(id), readRetro),
			rooms.read(roomDocumentOf(id), (doc) => readIncident(doc, nameOf).title),
		]),
	);
	const mayEdit = may(person, 'edit', { isSealed: reading.stage === 'published' });
	return { ...describeRetro(reading, nameOf), incident: { id, number, title }, mayEdit };
}

/** Actions that nobody will do, or at no time, are no result of a review. */
async function refuseUnowned({ db }: RetroRouteParts, id: IncidentId): Promise<void> {
	const filter = { incidents: [id], state: 'open' } as const;
	const open = await patiently(() => readActions(db.sql, filter, limits.actionsListed));
	const loose = open.filter(
		({ owner, hasOwnerLeft, dueOn }) => owner === null || hasOwnerLeft || dueOn === null,
	);
	const [first] = loose;
	if (!first) return;
	const others = loose.length > 1 ? `, and ${loose.length - 1} more` : '';
	throw new Refusal(
		'conflict',
		`Each action needs an owner and a due date first: “${first.title}”${others}.`,
		'actions',
	);
}

async function describeVersion(
	{ db, rooms, known }: RetroRouteParts,
	id: IncidentId,
	found: RetroVersion,
) {
	const nameOf: NameOf = await patiently(() => known.namesIn(id));
	const { number } = await patiently(() => known.of(id));
	const now = await patiently(() =>
		rooms.read(roomDocumentOf(id), (doc) => readIncident(doc, (person) => person)),
	);
	// Written by the persister, and a digest stands over none of it: it is what the journals say.
	const content = JSON.parse(found.content) as PublishedContent;
	const before = await patiently(() => readVersion(db.sql, id, found.version - 1));
	const earlier = before && (JSON.parse(before.content) as PublishedContent);
	return {
		version: found.version,
		publishedAt: found.publishedAt,
		publishedBy: named(found.publishedBy, nameOf),
		retro: describeRetro(content.retro, nameOf),
		incident: describeIncident({ id, number }, content.incident, nameOf),
		changedSince: changesBetween(content.incident, now, nameOf).map((one) => ({ ...one })),
		writtenSinceBefore:
			earlier && retroChanges(earlier.retro, content.retro).map((one) => ({ ...one })),
	};
}

function describeFound({
	incident: id,
	number,
	title,
	...rest
}: Awaited<ReturnType<typeof searchRetros>>[number]) {
	return { ...rest, incident: { id, number, title } };
}

async function describeTemplate({ db }: RetroRouteParts): Promise<z.infer<typeof sections>> {
	const own = await patiently(() => readTemplate(db.sql));
	const shown = (own ?? defaultTemplate).map(({ references, ...section }) => ({
		...section,
		...(references ? { references: [...references] } : {}),
	}));
	return { sections: shown, isDefault: own === null };
}
