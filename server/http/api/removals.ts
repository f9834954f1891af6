import { createRoute, z } from '@hono/zod-openapi';
import type { EntryId, FactId, TaskId } from '#core/ids.ts';
import { Refusal } from '#core/refusal.ts';
import type { Wanted } from '#core/removal/removal.ts';
import { removalRequest, type RemovalRequest } from '#core/wire.ts';
import type { RemovalParts } from '#server/history/removal.ts';
import { removeEverywhere } from '#server/history/removeEverywhere.ts';
import { askerOf } from '#server/incidents/asker.ts';
import { insist } from '#server/storage/away.ts';
import { readBody } from '../body.ts';
import { describedBody, json } from '../openapi.ts';
import { newRouter, type ApiRouter } from '../router.ts';
import { signedIn } from '../who.ts';
import { describeFacts, factAnswer } from './commands.ts';
import { incidentFor, incidentParams, type IncidentParts } from './incident.ts';

const remove = createRoute({
	method: 'post',
	path: '/incidents/{id}/removals',
	summary: 'Remove something for good, from the history too',
	description:
		'With `text` (at least 4 characters, as it stands there), wherever it ever was; or all words of one ' +
		'`entry`, `fact` or `task`. It goes from the document and every copy of it, from all turns of the ' +
		'history, and from all that is derived. A fact says when, by whom and why, never what. Admins only; ' +
		'closed incidents too. What PostgreSQL’s write-ahead log, backups and exports hold is not reached.',
	request: { params: incidentParams, body: describedBody(removalRequest) },
	responses: {
		200: {
			description: 'It is gone; the facts that say so',
			content: json(z.object({ facts: z.array(factAnswer) })),
		},
	},
});

export interface RemovalRouteParts extends IncidentParts {
	readonly removing: RemovalParts;
}

/** `/incidents/{id}/removals`: what was pasted or typed by mistake. */
export function removalRoutes(parts: RemovalRouteParts): ApiRouter {
	return newRouter().openapi(remove, async (c) => {
		const request = await readBody(c, removalRequest);
		const id = await incidentFor(c, parts, 'remove');
		const { text: _secret, ...told } = request;
		const facts = await insist(() =>
			removeEverywhere(parts.removing, id, {
				// A digest of the text would tell it to whoever guesses. Under the same key it is looked for anyway.
				asker: askerOf(signedIn(c), 'remove', told),
				wanted: wantedIn(request),
				reason: request.reason,
			}),
		);
		await parts.listed(id);
		return c.json({ facts: await describeFacts(parts, id, facts) }, 200);
	});
}

function wantedIn({ text, entry, fact, task }: RemovalRequest): Wanted {
	if (text !== undefined) return { text };
	if (entry !== undefined) return { entry: entry as EntryId };
	if (fact !== undefined) return { fact: fact as FactId };
	if (task !== undefined) return { task: task as TaskId };
	throw new Refusal('invalid', 'Say what is to be removed.', 'text');
}
