import { createRoute, z } from '@hono/zod-openapi';
import { causeChange, causeRequest } from '#core/learning/problems.ts';
import { Refusal } from '#core/refusal.ts';
import { isPlainText } from '#core/wire.ts';
import { limits } from '#server/limits.ts';
import { patiently } from '#server/storage/away.ts';
import { insertCause, readCauses, readFreeCauses, updateCause } from '#server/storage/causes.ts';
import { readBody } from '../body.ts';
import { describedBody, json } from '../openapi.ts';
import { newRouter, type ApiRouter } from '../router.ts';
import { allowed } from '../who.ts';
import type { IncidentParts } from './incident.ts';
import { instantField, isoOf } from './reading.ts';

const causes = z.object({
	causes: z.array(
		z
			.object({
				name: z.string(),
				description: z.string(),
				/** Since when it is not offered any more. */
				retiredAt: instantField.nullable(),
				/** How many incidents name it. */
				used: z.int(),
			})
			.openapi('Cause'),
	),
	/** Words that incidents name and that are not in the list. */
	free: z.array(z.object({ name: z.string(), used: z.int() })),
});
const responses = { 200: { description: 'The list as it is now', content: json(causes) } };

const list = createRoute({
	...{ method: 'get', path: '/causes', responses },
	summary: 'The causes that retrospectives choose from, and what else they name',
});

const add = createRoute({
	...{ method: 'post', path: '/causes', responses },
	summary: 'Add a cause to the list, also one that is used already',
	request: { body: describedBody(causeRequest) },
});

const change = createRoute({
	...{ method: 'patch', path: '/causes/{name}', responses },
	summary: 'Describe a cause anew, retire it, or offer it again',
	request: { params: z.object({ name: z.string() }), body: describedBody(causeChange) },
});

/** `/causes`: the list of causes, which admins keep. */
export function causeRoutes({ db }: Pick<IncidentParts, 'db'>): ApiRouter {
	const { sql } = db;
	const read = async () => {
		const [listed, free] = await patiently(() =>
			Promise.all([readCauses(sql, limits.causesListed), readFreeCauses(sql, limits.causesListed)]),
		);
		const described = listed.map(({ retiredAt, ...cause }) => ({
			...cause,
			retiredAt: isoOf(retiredAt),
		}));
		return { causes: described, free: [...free] };
	};
	return newRouter()
		.openapi(list, async (c) => {
			allowed(c, 'read');
			return c.json(await read(), 200);
		})
		.openapi(add, async (c) => {
			const { name, description = '' } = await readBody(c, causeRequest);
			allowed(c, 'administer');
			if (!(await insertCause(sql, { name, description }))) {
				throw new Refusal('conflict', 'There is a cause of this name already.', 'name');
			}
			return c.json(await read(), 200);
		})
		.openapi(change, async (c) => {
			const wanted = await readBody(c, causeChange);
			allowed(c, 'administer');
			const { name } = c.req.valid('param');
			if (!isPlainText(name) || !(await patiently(() => updateCause(sql, name, wanted)))) {
				throw new Refusal('unknown', 'There is no such cause.');
			}
			return c.json(await read(), 200);
		});
}
