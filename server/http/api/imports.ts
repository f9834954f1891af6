import { createRoute, z } from '@hono/zod-openapi';
import { Refusal } from '#core/refusal.ts';
import { textLimits } from '#core/textLimits.ts';
import {
	importBundle,
	type ImportedIncident,
	type ImportParts,
} from '#server/history/importBundle.ts';
import { importTimeline } from '#server/incidents/importTimeline.ts';
import type { KnownIncidents } from '#server/incidents/known.ts';
import type { Logger } from '#server/log.ts';
import type { TurnNotice } from '#server/sync/notice.ts';
import { archiveBody, readLarge } from '../largeBodies.ts';
import { json } from '../openapi.ts';
import { newRouter, type ApiRouter } from '../router.ts';
import { readUtf8 } from '../utf8.ts';
import { allowed } from '../who.ts';
import { historyImportRoutes } from './historyImport.ts';
import { inLists } from './incidents.ts';
import type { IncidentParts } from './incident.ts';

const imported = z
	.object({
		id: z.uuid(),
		number: z.int(),
		title: z.string(),
		entries: z.int(),
		warnings: z.array(z.string()).readonly(),
	})
	.openapi('Imported');
const importedContent = json(imported);

const timeline = createRoute({
	method: 'post',
	path: '/imports/timeline',
	summary: 'Write down a past incident from a timeline file',
	description:
		'The body is the file. An `Idempotency-Key` header makes it safe to repeat. A file that is wrong ' +
		'anywhere imports nothing; the refusal names its line.',
	request: {
		headers: z.object({ 'idempotency-key': z.string().min(1).max(textLimits.key).optional() }),
		// Described, not checked: the file is read by the line, to say where it is wrong.
		body: { required: true, content: json({ type: 'object' }) },
	},
	responses: {
		201: { description: 'A new incident, left as its milestones say', content: importedContent },
		200: { description: 'Imported by an earlier request with this key', content: importedContent },
	},
});

const bundle = createRoute({
	method: 'post',
	path: '/imports/bundle',
	summary: 'Bring in an incident that another Muster has exported',
	description:
		'The body is the bundle as it was exported, up to 20 MiB. The incident keeps its id and its history, ' +
		'and gets a number of here; its people stay those of the source. With `head`, in hex, it is only ' +
		'taken if that is a head of its chain: one that was published cannot be of a history that was changed ' +
		'since. What is wrong anywhere imports nothing (admins).',
	request: {
		query: z.strictObject({
			head: z
				.string()
				.regex(/^[0-9a-f]{64}$/i, 'A head is 64 hexadecimal digits.')
				.optional(),
		}),
		// Described, not checked: the archive is read with care.
		body: { required: true, content: { 'application/zip': { schema: { type: 'string' } } } },
	},
	responses: {
		201: {
			description: 'The incident, with its number here',
			content: json(
				z.object({
					id: z.uuid(),
					number: z.int(),
					title: z.string(),
					turns: z.int(),
					/** Up to which turn the given head vouches for it. */
					knownTurn: z.int().nullable(),
				}),
			),
		},
	},
});

export interface ImportRouteParts extends Pick<
	IncidentParts,
	'db' | 'id' | 'now' | 'people' | 'notice' | 'listed'
> {
	readonly log: Logger;
	readonly bundles: ImportParts;
	readonly known: Pick<KnownIncidents, 'drop'>;
}

/** `/imports`: incidents that were written down elsewhere. */
export function importRoutes(parts: ImportRouteParts): ApiRouter {
	const creating = { ...parts, nameOf: parts.people.nameOf };
	let isBusy = false;
	return newRouter()
		.route('/', historyImportRoutes(creating))
		.openapi(timeline, async (c) => {
			const person = allowed(c, 'declare');
			const text = readUtf8(new Uint8Array(await c.req.arrayBuffer()));
			const idempotencyKey = c.req.valid('header')['idempotency-key'];
			const done = await importTimeline(creating, person, { text, idempotencyKey });
			await inLists(done.id, parts);
			c.header('Location', `/api/v1/incidents/${done.id}`);
			const { id, number, title, entries, warnings } = done;
			return c.json({ id, number, title, entries, warnings }, done.isRepeat ? 200 : 201);
		})
		.openapi(bundle, async (c) => {
			const by = allowed(c, 'administer').id;
			const knownHead = c.req.valid('query').head ?? null;
			// It may come slowly, and nobody else waits for that.
			const archive = await readLarge(c.req.raw, archiveBody);
			// Unpacked one may fill much of the memory.
			if (isBusy) throw new Refusal('tooMany', 'Another bundle is being imported. Wait a moment.');
			isBusy = true;
			try {
				const done = await importBundle(parts.bundles, archive, { by, knownHead });
				parts.known.drop(done.id);
				for (const one of done.documents) parts.notice(noticeOf(one));
				await inLists(done.id, parts);
				c.header('Location', `/api/v1/incidents/${done.id}`);
				const { id, number, title, turns, knownTurn } = done;
				return c.json({ id, number, title, turns, knownTurn }, 201);
			} finally {
				isBusy = false;
			}
		});
}

/** It happened elsewhere, so that it is not counted here. */
function noticeOf({ document, turns, facts }: ImportedIncident['documents'][number]): TurnNotice {
	const at = facts.at(-1)?.recordedAt ?? 0;
	return { document, turn: turns.length, at, edits: 0, facts, isElsewhere: true };
}
