import { Readable } from 'node:stream';
import { createRoute, z } from '@hono/zod-openapi';
import { clocksOf, isNotYetKnown, reviewClocks } from '#core/review/clocks.ts';
import { Refusal } from '#core/refusal.ts';
import { instant } from '#core/wire.ts';
import { downloadHistory, type DownloadParts } from '#server/history/download.ts';
import { readMomentOf, type MomentParts, type Wanted } from '#server/history/moment.ts';
import { insist, patiently } from '#server/storage/away.ts';
import { json } from '../openapi.ts';
import { newRouter, type ApiRouter } from '../router.ts';
import { incidentFor, incidentParams, type IncidentParts } from './incident.ts';
import { describeIncident, incident, instantField, isoOf } from './reading.ts';

const turnField = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const history = createRoute({
	method: 'get',
	path: '/incidents/{id}/history',
	summary: 'All turns of an incident, for replay',
	description:
		'Frames of four bytes of length and so many bytes of gzip: the first holds a header in JSON ' +
		'(people, visits, checkpoints, the last turn), each other one consecutive turns in the codec of ' +
		'core/incident/history.ts. A download that broke off goes on with `after`, the last turn that came.',
	request: {
		params: incidentParams,
		query: z.strictObject({ after: turnField.default(0) }),
	},
	responses: {
		200: {
			description: 'The turns after `after`',
			content: { 'application/octet-stream': { schema: z.string() } },
		},
		304: { description: 'Nothing has changed' },
	},
});

const moment = createRoute({
	method: 'get',
	path: '/incidents/{id}/at',
	summary: 'The incident as it was at an instant, or after a turn',
	description:
		'With `t` (ISO 8601), the last turn by then counts; with neither `t` nor `turn`, the last of all. By the clock `known` it reads as the room had ' +
		'it; by `happened`, entries and milestones are those whose time had come, as they are known now.',
	request: {
		params: incidentParams,
		query: z.strictObject({
			t: z.string().optional(),
			turn: turnField.optional(),
			clock: z.enum(reviewClocks).default('known'),
		}),
	},
	responses: {
		200: {
			description: 'The reading at that moment',
			content: json(
				incident.extend({
					turn: z.int(),
					at: instantField,
					clock: z.enum(reviewClocks),
					/** The clocks that say something of this incident. */
					clocks: z.array(z.enum(reviewClocks)).readonly(),
					lastTurn: z.int(),
					/** Lines of the timeline that had happened, and that nobody had logged yet. */
					notYetKnown: z.array(z.string()),
				}),
			),
		},
	},
});

export interface HistoryRouteParts extends IncidentParts {
	readonly download: DownloadParts;
	readonly moments: MomentParts;
}

/** `/incidents/{id}/history` and `/at`: what was, for those who may read what is. */
export function historyRoutes(parts: HistoryRouteParts): ApiRouter {
	return newRouter()
		.openapi(history, async (c) => {
			const id = await incidentFor(c, parts, 'read');
			const { after } = c.req.valid('query');
			const { tag, frames } = await patiently(() => downloadHistory(parts.download, id, after));
			const headers = { ETag: tag, 'Cache-Control': 'private, no-cache' };
			if (c.req.header('If-None-Match') === tag) return c.body(null, 304, headers);
			const type = { 'Content-Type': 'application/octet-stream' };
			return c.body(bodyOf(frames), 200, { ...headers, ...type });
		})
		.openapi(moment, async (c) => {
			const id = await incidentFor(c, parts, 'read');
			const { t, turn, clock } = c.req.valid('query');
			const wanted = wantedBy(t, turn);
			const read = await insist(() => readMomentOf(parts.moments, id, { wanted, clock }));
			const { reading, at } = read;
			const { number } = await patiently(() => parts.known.of(id));
			const nameOf = await parts.known.namesIn(id);
			const isUnknown = clock === 'happened' && clocksOf(reading.origin).length > 1;
			return c.json(
				{
					...describeIncident({ id, number }, reading, nameOf),
					turn: read.turn,
					at: isoOf(at),
					clock,
					clocks: clocksOf(reading.origin),
					lastTurn: read.lastTurn,
					notYetKnown: reading.timeline
						.filter((item) => isUnknown && isNotYetKnown(item, at))
						.map((item) => item.id as string),
				},
				200,
			);
		});
}

function bodyOf(frames: AsyncIterable<Uint8Array>): ReadableStream {
	return Readable.toWeb(Readable.from(frames)) as ReadableStream;
}

function wantedBy(t: string | undefined, turn: number | undefined): Wanted {
	if (t !== undefined && turn !== undefined) {
		throw new Refusal('invalid', 'Say which moment: either an instant or a turn.', 't');
	}
	if (turn !== undefined) return { turn };
	if (t === undefined) return 'last';
	const read = instant.safeParse(t);
	if (read.success) return { at: read.data };
	throw new Refusal('invalid', 'This is not an instant like 2026-11-24T02:13:00Z.', 't');
}
