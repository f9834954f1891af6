import { createRoute, z } from '@hono/zod-openapi';
import { roomDocumentOf, type DocumentId } from '#core/ids.ts';
import { Refusal } from '#core/refusal.ts';
import type { Person } from '#core/response/access.ts';
import { restoreRequest, type RestoreRequest } from '#core/wire.ts';
import { askerOf } from '#server/incidents/asker.ts';
import {
	leaveOut,
	restoreVersion,
	type Restored,
	type RestoreParts,
	type Wanted,
} from '#server/incidents/restore.ts';
import { insist } from '#server/storage/away.ts';
import { readBody } from '../body.ts';
import { describedBody, json } from '../openapi.ts';
import { newRouter, type ApiRouter } from '../router.ts';
import { signedIn } from '../who.ts';
import { describeFacts, factAnswer } from './commands.ts';
import { incidentFor, incidentParams, type IncidentParts } from './incident.ts';

const restore = createRoute({
	method: 'post',
	path: '/incidents/{id}/restore',
	summary: 'Bring texts, tasks and notes back to an earlier version',
	description:
		'With `turn`, everything that people write reads as it did after that turn (admins). With ' +
		'`beforeLastDeletion`, what the last big deletion took away is back, and only those parts change ' +
		'(responders). It is a change like any other: nothing of the history or the record is undone. ' +
		'An incident that could not be opened whole is opened for editing again as it is shown, without the ' +
		'turns that cannot be opened, with neither field or with `turn` (admins).',
	request: { params: incidentParams, body: describedBody(restoreRequest) },
	responses: {
		200: {
			description: 'What was written; no facts if it reads so already',
			content: json(z.object({ turn: z.int(), facts: z.array(factAnswer) })),
		},
	},
});

export interface RestoreRouteParts extends IncidentParts {
	readonly restoring: RestoreParts;
}

/** `/incidents/{id}/restore`: back to an earlier version. */
export function restoreRoutes(parts: RestoreRouteParts): ApiRouter {
	return newRouter().openapi(restore, async (c) => {
		const request = await readBody(c, restoreRequest);
		const isDeletion = request.beforeLastDeletion === true;
		const id = await incidentFor(c, parts, isDeletion ? 'undelete' : 'restore');
		const { turn, facts } = await insist(() =>
			carryOut(parts.restoring, roomDocumentOf(id), { person: signedIn(c), request }),
		);
		return c.json({ turn, facts: await describeFacts(parts, id, facts) }, 200);
	});
}

/** An incident that could not be opened whole is opened first; then it goes back, if that is asked for. */
async function carryOut(
	restoring: RestoreParts,
	document: DocumentId,
	{ person, request }: { person: Person; request: RestoreRequest },
): Promise<Restored> {
	const isWhole = (await restoring.rooms.quarantineOf(document)) === null;
	const opened = isWhole ? null : await leaveOut(restoring, document, person);
	const wanted = wantedIn(request);
	if (!wanted) return opened ?? refuseNothing();
	const asker = askerOf(person, 'restore', request);
	const restored = await restoreVersion(restoring, document, { asker, wanted });
	return { ...restored, facts: [...(opened?.facts ?? []), ...restored.facts] };
}

function wantedIn({ turn, beforeLastDeletion }: RestoreRequest): Wanted | null {
	if (turn !== undefined) return { turn };
	return beforeLastDeletion ? { beforeLastDeletion } : null;
}

function refuseNothing(): never {
	throw new Refusal(
		'invalid',
		'Say which version: a turn, or the one before the last deletion.',
		'turn',
	);
}
