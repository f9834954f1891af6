import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { Refusal } from '#core/refusal.ts';
import { textLimits } from '#core/wire.ts';
import { importTimeline } from '#server/incidents/importTimeline.ts';
import type { ApiEnv } from '../env.ts';
import { json } from '../openapi.ts';
import { newRouter, type ApiRouter } from '../router.ts';
import { allowed } from '../who.ts';
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

/** `/imports`: incidents that were written down elsewhere. */
export function importRoutes(
	parts: Pick<IncidentParts, 'db' | 'id' | 'people' | 'notice' | 'listed'>,
): ApiRouter {
	const creating = { ...parts, nameOf: parts.people.nameOf };
	return newRouter().openapi(timeline, async (c) => {
		const person = allowed(c, 'declare');
		const text = await textOf(c);
		const idempotencyKey = c.req.valid('header')['idempotency-key'];
		const done = await importTimeline(creating, person, { text, idempotencyKey });
		await inLists(done.id, parts);
		c.header('Location', `/api/v1/incidents/${done.id}`);
		const { id, number, title, entries, warnings } = done;
		return c.json({ id, number, title, entries, warnings }, done.isRepeat ? 200 : 201);
	});
}

/** The body as text. Throws a `Refusal` that names the first line that is not UTF-8. */
async function textOf(c: Context<ApiEnv>): Promise<string> {
	const bytes = new Uint8Array(await c.req.arrayBuffer());
	try {
		return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
	} catch {
		const lines = new TextDecoder().decode(bytes).split('\n');
		const line = lines.findIndex((one) => one.includes('\ufffd')) + 1;
		throw new Refusal('invalid', `Line ${line}: this is not UTF-8.`);
	}
}
