import { randomUUID } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import type { IncidentId } from '#core/ids.ts';
import type { NameOf } from '#core/incident/reading.ts';
import { feedbackQuestions, feedbackRequest } from '#core/learning/feedback.ts';
import type { Person } from '#core/response/access.ts';
import { giveFeedback, lookAtFeedback, type SeenFeedback } from '#server/learning/feedback.ts';
import { insist, patiently } from '#server/storage/away.ts';
import { readBody } from '../body.ts';
import { describedBody, json } from '../openapi.ts';
import { newRouter, type ApiRouter } from '../router.ts';
import { signedIn } from '../who.ts';
import { incidentFor, incidentParams, type IncidentParts } from './incident.ts';
import { instantField, isoOf, named, namedField } from './reading.ts';

const feedback = z
	.object({
		/** `asking` until two weeks after the closing, or until everybody has answered. */
		state: z.enum(['notClosed', 'tooFewTookPart', 'asking', 'tooFewAnswered', 'shown']),
		mine: z.enum(['asked', 'given', 'notAsked']),
		until: instantField.nullable(),
		sum: z
			.object({
				answers: z.int(),
				questions: z.array(
					z.object({
						question: z.enum(feedbackQuestions),
						mean: z.number(),
						counts: z.array(z.int()),
					}),
				),
				lines: z.array(z.object({ line: z.string(), by: namedField.nullable() })),
			})
			.nullable(),
	})
	.openapi('Feedback');
const content = json(feedback);

const look = createRoute({
	method: 'get',
	path: '/incidents/{id}/feedback',
	summary: 'What those who took part answered, together',
	description:
		'Nothing is shown while answers may come, and nothing of fewer than three. Whoever sees the sum ' +
		'first ends the answering: no answer can be told from a difference. `sum=without` says only where it ' +
		'stands, and ends nothing.',
	request: {
		params: incidentParams,
		query: z.strictObject({ sum: z.enum(['with', 'without']).default('with') }),
	},
	responses: { 200: { description: 'Where it stands, and the sum once it is shown', content } },
});

const give = createRoute({
	method: 'post',
	path: '/incidents/{id}/feedback',
	summary: 'Answer the three questions, once',
	description:
		'For those who were in the room before the incident was closed. Only the key tells a repetition: what ' +
		'was answered is not compared.',
	request: { params: incidentParams, body: describedBody(feedbackRequest) },
	responses: {
		201: { description: 'Kept, apart from who gave it', content },
		200: { description: 'Kept by an earlier request with this key', content },
	},
});

/** `/incidents/{id}/feedback`: what those who took part think of how it went. */
export function feedbackRoutes(parts: IncidentParts): ApiRouter {
	const { db, people, known, now } = parts;
	const see = async (incident: IncidentId, person: Person, seesSum: boolean) => {
		await patiently(() => known.of(incident));
		const seen = await patiently(() =>
			lookAtFeedback(db.sql, incident, { person, now: now(), seesSum }),
		);
		return describeFeedback(seen, people.nameOf);
	};
	return newRouter()
		.openapi(look, async (c) => {
			const incident = await incidentFor(c, parts, 'read');
			const seesSum = c.req.valid('query').sum === 'with';
			return c.json(await see(incident, signedIn(c), seesSum), 200);
		})
		.openapi(give, async (c) => {
			const body = await readBody(c, feedbackRequest);
			// A try whose answer was lost between the store and here is known by it.
			const request = { ...body, idempotencyKey: body.idempotencyKey ?? randomUUID() };
			const incident = await incidentFor(c, parts, 'learn');
			await patiently(() => known.of(incident));
			const given = { by: signedIn(c), request, now: now() };
			const isNew = await insist(() => giveFeedback(db.sql, incident, given));
			return c.json(await see(incident, signedIn(c), true), isNew ? 201 : 200);
		});
}

function describeFeedback(
	{ state, mine, until, sum }: SeenFeedback,
	nameOf: NameOf,
): z.infer<typeof feedback> {
	return {
		...{ state, mine, until: isoOf(until) },
		sum: sum && {
			answers: sum.answers,
			questions: sum.questions.map(({ counts, ...rest }) => ({ ...rest, counts: [...counts] })),
			lines: sum.lines.map(({ line, author }) => ({ line, by: author && named(author, nameOf) })),
		},
	};
}
