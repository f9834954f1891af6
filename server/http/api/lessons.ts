import { createRoute, z } from '@hono/zod-openapi';
import { isPlainText } from '#core/wire.ts';
import { limits } from '#server/limits.ts';
import { patiently } from '#server/storage/away.ts';
import { readLessons } from '#server/storage/lessons.ts';
import { json } from '../openapi.ts';
import { newRouter, type ApiRouter } from '../router.ts';
import { allowed } from '../who.ts';
import { namedIncident, namedIncidentField } from './actions.ts';
import { cutAt, hasMoreField } from './cut.ts';
import type { IncidentParts } from './incident.ts';
import { instantField, isoOf } from './reading.ts';

const lesson = z
	.object({
		id: z.string(),
		text: z.string(),
		incident: namedIncidentField,
		publishedAt: instantField.nullable(),
		causes: z.array(z.string()),
	})
	.openapi('Lesson');

const list = createRoute({
	method: 'get',
	path: '/lessons',
	summary: 'Lessons of published retrospectives',
	request: {
		query: z.strictObject({
			q: z
				.string()
				.max(200, 'This is longer than 200 characters.')
				.refine(isPlainText, 'This holds characters that cannot be looked for.')
				.optional()
				.openapi({ description: 'Words; “quoted” ones side by side, with a minus not at all' }),
		}),
	},
	responses: {
		200: {
			description: 'The last published first',
			content: json(z.object({ lessons: z.array(lesson), hasMore: hasMoreField })),
		},
	},
});

/** `/lessons`: what was learnt, over all incidents. */
export function lessonRoutes({ db }: Pick<IncidentParts, 'db'>): ApiRouter {
	return newRouter().openapi(list, async (c) => {
		allowed(c, 'read');
		const words = c.req.valid('query').q?.trim() || null;
		const { rows, hasMore } = await patiently(() =>
			cutAt(limits.lessonsListed, (most) => readLessons(db.sql, { words, most })),
		);
		const lessons = rows.map((row) => ({
			...{ id: row.id, text: row.text, causes: [...row.causes] },
			incident: namedIncident(row),
			publishedAt: isoOf(row.publishedAt),
		}));
		return c.json({ lessons, hasMore }, 200);
	});
}
