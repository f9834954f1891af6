import { createRoute, z } from '@hono/zod-openapi';
import { dayOf } from '#core/time.ts';
import { limits } from '#server/limits.ts';
import { countActions } from '#server/storage/actions.ts';
import { patiently } from '#server/storage/away.ts';
import { readAwaited } from '#server/storage/retroBoard.ts';
import { json } from '../openapi.ts';
import { newRouter, type ApiRouter } from '../router.ts';
import { allowed } from '../who.ts';
import { namedIncident, namedIncidentField } from './actions.ts';
import type { IncidentParts } from './incident.ts';
import { instantField, isoOf } from './reading.ts';

const answer = z
	.object({
		/** Retrospectives that wait for whoever asks, what is due first before the rest. */
		retros: z.array(
			z.object({
				incident: namedIncidentField,
				/** `write`: it is theirs and not published. `review`: it asks for their review. */
				need: z.enum(['write', 'review']),
				dueAt: instantField.nullable(),
			}),
		),
		/** How many of their actions are overdue. */
		overdueActions: z.int(),
	})
	.openapi('Needs');

const route = createRoute({
	method: 'get',
	path: '/needs',
	summary: 'What waits for whoever asks',
	responses: {
		200: { description: 'Retrospectives and actions of theirs', content: json(answer) },
	},
});

/** `/needs`: what waits for whoever asks, so that nobody has to be reminded by somebody else. */
export function needsRoutes({ db, now }: Pick<IncidentParts, 'db' | 'now'>): ApiRouter {
	return newRouter().openapi(route, async (c) => {
		const me = allowed(c, 'read').id;
		const overdueOn = dayOf(now());
		const [retros, overdueActions] = await patiently(() =>
			Promise.all([
				readAwaited(db.sql, me, limits.needsListed),
				countActions(db.sql, { owner: me, overdueOn }),
			]),
		);
		const described = retros.map((row) => ({
			incident: namedIncident(row),
			need: row.need,
			dueAt: isoOf(row.dueAt),
		}));
		return c.json({ retros: described, overdueActions }, 200);
	});
}
