import { createRoute, z } from '@hono/zod-openapi';
import type { NameOf } from '#core/incident/reading.ts';
import {
	problemChange,
	problemIncidentRequest,
	problemRequest,
	problemStates,
	type ProblemState,
} from '#core/learning/problems.ts';
import {
	addProblem,
	changeProblem,
	lockedProblem,
	readProblem,
	removeProblem,
	unknownProblem,
} from '#server/learning/problems.ts';
import { limits } from '#server/limits.ts';
import { patiently } from '#server/storage/away.ts';
import { readActions } from '#server/storage/actions.ts';
import {
	deleteProblemIncident,
	insertProblemIncident,
	readProblemIncidents,
	readProblems,
	suggestIncidents,
	type Problem,
	type ProblemIncident,
} from '#server/storage/problems.ts';
import { readBody } from '../body.ts';
import { describedBody, json } from '../openapi.ts';
import { newRouter, type ApiRouter } from '../router.ts';
import { allowed } from '../who.ts';
import { actionField, describeAction, namedIncident, namedIncidentField } from './actions.ts';
import { cutAt, hasMoreField } from './cut.ts';
import { afterwards, incidentNamed, type IncidentParts } from './incident.ts';
import { instantField, isoOf, named, namedField } from './reading.ts';

const problem = z
	.object({
		number: z.int(),
		title: z.string(),
		cause: z.string().nullable(),
		description: z.string(),
		state: z.enum(problemStates),
		owner: namedField.nullable(),
		/** Who had it until they left. */
		formerOwner: namedField.nullable(),
		version: z.int(),
		madeAt: instantField,
		changedBy: namedField,
		changedAt: instantField,
		/** How many incidents belong to it. */
		incidents: z.int(),
	})
	.openapi('KnownProblem');
const belonging = z.object({
	incident: namedIncidentField,
	declaredAt: instantField.nullable(),
	/** What its retrospective says contributed. */
	factors: z.array(z.string()),
});
const whole = z.object({
	problem,
	belonging: z.array(belonging),
	/** Incidents that name the same cause. */
	suggested: z.array(belonging),
	actions: z.array(actionField),
	hasMoreActions: hasMoreField,
});
const content = json(whole);
const params = z.object({ number: z.string() });
const asNow = { 200: { description: 'As it is now', content } };

const list = createRoute({
	method: 'get',
	path: '/problems',
	summary: 'What several incidents have in common',
	request: { query: z.strictObject({ state: z.enum(problemStates).optional() }) },
	responses: {
		200: {
			description: 'Those that are not resolved first',
			content: json(z.object({ problems: z.array(problem), hasMore: hasMoreField })),
		},
	},
});

const add = createRoute({
	method: 'post',
	path: '/problems',
	summary: 'Add a problem',
	request: { body: describedBody(problemRequest) },
	responses: {
		201: { description: 'Added', content },
		200: { description: 'Added by an earlier request with this key', content },
	},
});

const one = createRoute({
	...{ method: 'get', path: '/problems/{number}', request: { params }, responses: asNow },
	summary: 'A problem, its incidents, what contributed to them and what is done',
});

const change = createRoute({
	...{ method: 'patch', path: '/problems/{number}', responses: asNow },
	summary: 'Change a problem',
	description: 'With `expects`, the version that was seen, it is refused if somebody was faster.',
	request: { params, body: describedBody(problemChange) },
});

const remove = createRoute({
	...{ method: 'delete', path: '/problems/{number}', request: { params } },
	summary: 'Delete a problem that no incident belongs to',
	responses: { 204: { description: 'Deleted' } },
});

const join = createRoute({
	...{ method: 'post', path: '/problems/{number}/incidents', responses: asNow },
	summary: 'Say that an incident belongs to a problem',
	request: { params, body: describedBody(problemIncidentRequest) },
});

const part = createRoute({
	...{ method: 'delete', path: '/problems/{number}/incidents/{id}', responses: asNow },
	summary: 'Say that an incident does not belong to a problem',
	request: { params: z.object({ number: z.string(), id: z.string() }) },
});

/** `/problems`: what several incidents have in common, and where the work on it stands. */
export function problemRoutes(parts: IncidentParts): ApiRouter {
	const { db, people, now } = parts;
	const { sql } = db;
	const { nameOf } = people;
	const acting = { sql, nameOf };
	const read = (number: number) => readWhole(parts, number, now());
	return newRouter()
		.openapi(list, async (c) => {
			allowed(c, 'read');
			const { state } = c.req.valid('query');
			return c.json(await patiently(() => readList(parts, state)), 200);
		})
		.openapi(add, async (c) => {
			const request = await readBody(c, problemRequest);
			const { number, isRepeat } = await addProblem(acting, allowed(c, 'learn'), request);
			return c.json(await afterwards(() => read(number)), isRepeat ? 200 : 201);
		})
		.openapi(one, async (c) => {
			allowed(c, 'read');
			return c.json(await patiently(() => read(numberOf(c.req.valid('param').number))), 200);
		})
		.openapi(change, async (c) => {
			const wanted = await readBody(c, problemChange);
			const by = allowed(c, 'learn');
			const number = numberOf(c.req.valid('param').number);
			await changeProblem(acting, by, { number, change: wanted });
			return c.json(await afterwards(() => read(number)), 200);
		})
		.openapi(remove, async (c) => {
			allowed(c, 'learn');
			await removeProblem(acting, numberOf(c.req.valid('param').number));
			return c.body(null, 204);
		})
		.openapi(join, async (c) => {
			const wanted = await readBody(c, problemIncidentRequest);
			const by = allowed(c, 'learn').id;
			const number = numberOf(c.req.valid('param').number);
			const incident = await incidentNamed(parts, wanted.incident);
			await sql.begin(async (tx) => {
				await lockedProblem(tx, number);
				await insertProblemIncident(tx, { problem: number, incident, by });
			});
			return c.json(await afterwards(() => read(number)), 200);
		})
		.openapi(part, async (c) => {
			allowed(c, 'learn');
			const { number: text, id } = c.req.valid('param');
			const number = numberOf(text);
			const incident = await incidentNamed(parts, id);
			await sql.begin(async (tx) => {
				await lockedProblem(tx, number);
				await deleteProblemIncident(tx, { problem: number, incident });
			});
			return c.json(await afterwards(() => read(number)), 200);
		});
}

/** The number that a path names. Throws a `Refusal` for what is none. */
function numberOf(text: string): number {
	const number = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : Infinity;
	if (number > 2 ** 31 - 1) throw unknownProblem();
	return number;
}

async function readList({ db: { sql }, people: { nameOf } }: IncidentParts, state?: ProblemState) {
	const filter = state === undefined ? {} : { state };
	const { rows, hasMore } = await cutAt(limits.problemsListed, (most) =>
		readProblems(sql, filter, most),
	);
	return { problems: rows.map((each) => describeProblem(each, nameOf)), hasMore };
}

async function readWhole(
	{ db: { sql }, people: { nameOf } }: IncidentParts,
	number: number,
	now: number,
): Promise<z.infer<typeof whole>> {
	const found = await readProblem(sql, number);
	const { cause } = found;
	const most = limits.suggestedIncidents;
	const [incidents, suggested] = await Promise.all([
		readProblemIncidents(sql, number),
		cause === null ? [] : suggestIncidents(sql, { problem: number, cause, most }),
	]);
	const ids = incidents.map(({ incident }) => incident);
	const actions = await cutAt(limits.actionsListed, (few) =>
		readActions(sql, { incidents: ids }, few),
	);
	return {
		problem: describeProblem(found, nameOf),
		belonging: incidents.map(describeBelonging),
		suggested: suggested.map(describeBelonging),
		actions: actions.rows.map((action) => describeAction(action, { nameOf, now })),
		hasMoreActions: actions.hasMore,
	};
}

function describeProblem(one: Problem, nameOf: NameOf): z.infer<typeof problem> {
	const { owner, hasOwnerLeft, changedBy, madeAt, changedAt, ...rest } = one;
	const who = owner && named(owner, nameOf);
	return {
		...rest,
		owner: hasOwnerLeft ? null : who,
		formerOwner: hasOwnerLeft ? who : null,
		madeAt: isoOf(madeAt),
		changedBy: named(changedBy, nameOf),
		changedAt: isoOf(changedAt),
	};
}

function describeBelonging(row: ProblemIncident): z.infer<typeof belonging> {
	return {
		incident: namedIncident(row),
		declaredAt: isoOf(row.declaredAt),
		factors: [...row.factors],
	};
}
