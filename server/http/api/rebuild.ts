import { createRoute, z } from '@hono/zod-openapi';
import * as mini from 'zod/mini';
import { patiently } from '#server/storage/away.ts';
import {
	askAnew,
	countOutdated,
	projectedKinds,
	type ProjectedKind,
} from '#server/storage/derivations.ts';
import { forgetSums } from '#server/storage/metrics/sums/terms.ts';
import { readBody } from '../body.ts';
import { describedBody, json } from '../openapi.ts';
import { newRouter, type ApiRouter } from '../router.ts';
import { allowed } from '../who.ts';
import type { IncidentParts } from './incident.ts';

/** What can be made anew by itself, and which documents that is derived from. */
const kindsOf = { incidents: 'room', retrospectives: 'retro' } as const satisfies Record<
	string,
	ProjectedKind
>;
const names = Object.keys(kindsOf) as (keyof typeof kindsOf)[];

const rebuildRequest = mini.strictObject({ only: mini.optional(mini.enum(names)) });

const responses = {
	200: {
		description: 'How many documents are projected, and how many of them are still to be made anew',
		content: json(z.object({ all: z.int(), outdated: z.int() })),
	},
};

const ask = createRoute({
	...{ method: 'post', path: '/rebuild', responses },
	summary: 'Make anew what is derived from the journals',
	description:
		'Lists, metrics and missing snapshots are derived again in the background, from the first turn on, ' +
		'while everything goes on. Admins only.',
	request: { body: describedBody(rebuildRequest) },
});

const show = createRoute({
	...{ method: 'get', path: '/rebuild', responses },
	summary: 'How far making anew is',
});

/** `/rebuild`: what is derived, derived again. */
export function rebuildRoutes({ db: { sql } }: Pick<IncidentParts, 'db'>): ApiRouter {
	const answer = () => patiently(() => countOutdated(sql));
	return newRouter()
		.openapi(ask, async (c) => {
			allowed(c, 'administer');
			const { only } = await readBody(c, rebuildRequest);
			const kinds: readonly ProjectedKind[] = only === undefined ? projectedKinds : [kindsOf[only]];
			await patiently(() => askAnew(sql, kinds));
			if (kinds.includes('room')) await patiently(() => forgetSums(sql));
			return c.json(await answer(), 200);
		})
		.openapi(show, async (c) => {
			allowed(c, 'administer');
			return c.json(await answer(), 200);
		});
}
