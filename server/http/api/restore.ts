import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { documentOf, type DocumentId, type DocumentKind } from '#core/ids.ts';
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
import { insist, patiently } from '#server/storage/away.ts';
import { readBody } from '../body.ts';
import type { ApiEnv } from '../env.ts';
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

const restoreRetro = createRoute({
	method: 'post',
	path: '/incidents/{id}/retro/restore',
	summary: 'Bring a retrospective’s texts back to an earlier version',
	description: 'As `/incidents/{id}/restore`, of the incident’s retrospective.',
	request: { params: incidentParams, body: describedBody(restoreRequest) },
	responses: restore.responses,
});

export interface RestoreRouteParts extends IncidentParts {
	readonly restoring: RestoreParts;
}

/** `/incidents/{id}/restore` and `/incidents/{id}/retro/restore`: back to an earlier version. */
export function restoreRoutes(parts: RestoreRouteParts): ApiRouter {
	const bring = async (c: Context<ApiEnv>, kind: DocumentKind) => {
		const request = await readBody(c, restoreRequest);
		const isDeletion = request.beforeLastDeletion === true;
		const id = await incidentFor(c, parts, isDeletion ? 'undelete' : 'restore');
		await patiently(() => parts.known.of(id));
		const { turn, facts } = await insist(() =>
			carryOut(parts.restoring, documentOf(id, kind), { person: signedIn(c), request }),
		);
		return { turn, facts: await describeFacts(parts, id, facts) };
	};
	return newRouter()
		.openapi(restore, async (c) => c.json(await bring(c, 'room'), 200))
		.openapi(restoreRetro, async (c) => c.json(await bring(c, 'retro'), 200));
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
