import { createRoute, z } from '@hono/zod-openapi';
import { retroDocumentOf, roomDocumentOf, type IncidentId } from '#core/ids.ts';
import { readIncident, type NameOf } from '#core/incident/reading.ts';
import { Refusal } from '#core/refusal.ts';
import { retold } from '#core/retro/retold.ts';
import { retroChanges } from '#core/retro/changes.ts';
import { readRetro } from '#core/retro/reading.ts';
import { changesBetween } from '#core/review/changes.ts';
import { isPlainText } from '#core/wire.ts';
import { readRetroAt, type RetroMomentParts } from '#server/history/retroMoment.ts';
import { limits } from '#server/limits.ts';
import { readContent } from '#server/persister/publishing.ts';
import { patiently } from '#server/storage/away.ts';
import { readVersion, searchRetros, type RetroVersion } from '#server/storage/retros.ts';
import { json } from '../openapi.ts';
import { newRouter, type ApiRouter } from '../router.ts';
import { allowed } from '../who.ts';
import { incidentFor, incidentParams, type IncidentParts } from './incident.ts';
import { describeIncident, incident, instantField, named, namedField } from './reading.ts';
import { describeRetro, retro } from './retroReading.ts';

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

const searchWords = z
	.string()
	.trim()
	.min(1)
	.max(200)
	.refine(isPlainText, 'This holds characters that cannot be looked for.');

const search = createRoute({
	method: 'get',
	path: '/retros/search',
	summary: 'Look through published retrospectives',
	request: { query: z.strictObject({ q: searchWords }) },
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

export interface PastRetroParts extends IncidentParts {
	readonly moments: RetroMomentParts;
}

/** `/incidents/{id}/retro/versions`, `/incidents/{id}/retro/at` and `/retros/search`: what was written and published. */
export function pastRetroRoutes(parts: PastRetroParts): ApiRouter {
	const { db } = parts;
	return newRouter()
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
			const { retrosFound: most, retrosRanked: ranked } = limits;
			const found = await patiently(() => searchRetros(db.sql, { words: q, most, ranked }));
			return c.json({ found: found.map(describeFound) }, 200);
		});
}

async function describeVersion(
	{ db, rooms, known }: PastRetroParts,
	id: IncidentId,
	found: RetroVersion,
) {
	const nameOf: NameOf = await patiently(() => known.namesIn(id));
	const { number } = await patiently(() => known.of(id));
	const now = await patiently(() =>
		rooms.read(roomDocumentOf(id), (doc) => readIncident(doc, nameOf)),
	);
	const content = readContent(found.content);
	const then = retold(content.incident, now);
	const before = await patiently(() => readVersion(db.sql, id, found.version - 1));
	const earlier = before && readContent(before.content);
	return {
		version: found.version,
		publishedAt: found.publishedAt,
		publishedBy: named(found.publishedBy, nameOf),
		retro: describeRetro(content.retro, nameOf),
		incident: describeIncident({ id, number }, then, nameOf),
		changedSince: changesBetween(then, now, nameOf).map((one) => ({ ...one })),
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
