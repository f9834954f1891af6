import { createRoute, z } from '@hono/zod-openapi';
import { roomDocumentOf, type IncidentId } from '#core/ids.ts';
import { milestones, severities, statuses } from '#core/incident/lifecycle.ts';
import { readRecord, type NameOf } from '#core/incident/reading.ts';
import { isRetroFact, readFacts, type Fact } from '#core/incident/record.ts';
import { emptyState } from '#core/incident/fold.ts';
import { sentenceOf } from '#core/incident/sentences.ts';
import { roles } from '#core/incident/roles.ts';
import { commandRequest } from '#core/wire.ts';
import { refuseUnable } from '#server/auth/refuseUnable.ts';
import { askerOf } from '#server/incidents/asker.ts';
import { insist, patiently } from '#server/storage/away.ts';
import { readBody } from '../body.ts';
import { describedBody, json } from '../openapi.ts';
import { newRouter, type ApiRouter } from '../router.ts';
import { signedIn } from '../who.ts';
import { afterwards, incidentFor, incidentParams, type IncidentParts } from './incident.ts';
import { instantField, isoOf, named, namedField } from './reading.ts';

/** A fact: the sentence that the timeline shows, and what it says for programs. */
export const factAnswer = z
	.object({
		id: z.string(),
		kind: z.string(),
		text: z.string(),
		by: namedField,
		occurredAt: instantField,
		recordedAt: instantField,
		title: z.string().optional(),
		severity: z.enum(severities).nullable().optional(),
		status: z.enum(statuses).optional(),
		services: z.array(z.string()).readonly().optional(),
		role: z.enum(roles).optional(),
		person: namedField.nullable().optional(),
		milestone: z.enum(milestones).optional(),
		at: instantField.nullable().optional(),
		url: z.string().optional(),
		turn: z.int().optional(),
	})
	.openapi('Fact');

type FactAnswer = z.infer<typeof factAnswer>;

const send = createRoute({
	method: 'post',
	path: '/incidents/{id}/commands',
	summary: 'Change an incident',
	description:
		'Severity, status, services, roles, milestones, title and links change by commands, which the incident ' +
		'decides. With `expects`, the value that the sender saw, a command is refused when somebody was faster.',
	request: { params: incidentParams, body: describedBody(commandRequest) },
	responses: {
		200: {
			description: 'What was written; nothing if it was so already',
			content: json(z.object({ facts: z.array(factAnswer) })),
		},
	},
});

/** Facts that an incident's record has now, each with the sentence of its timeline. */
export async function describeFacts(
	{ rooms, known }: Pick<IncidentParts, 'rooms' | 'known'>,
	incident: IncidentId,
	facts: readonly Fact[],
): Promise<FactAnswer[]> {
	if (facts.length === 0) return [];
	const nameOf = await afterwards(() => known.namesIn(incident));
	const sentences = await afterwards(() =>
		rooms.read(roomDocumentOf(incident), (doc) => {
			const { items } = readRecord(readFacts(doc), nameOf);
			return new Map(items.map((item) => [item.id as string, item.text]));
		}),
	);
	return facts.map((fact) => {
		// What was removed from its retrospective is said in that one's record.
		const text = sentences.get(fact.id) ?? sentenceOf(fact, emptyState, nameOf) ?? '';
		return describeFact(fact, text, nameOf);
	});
}

/** `/incidents/{id}/commands`: what changes where an incident stands. */
export function commandRoutes(parts: IncidentParts): ApiRouter {
	const { rooms, db } = parts;
	return newRouter().openapi(send, async (c) => {
		const { idempotencyKey, ...command } = await readBody(c, commandRequest);
		const id = await incidentFor(c, parts, 'command');
		if (command.type === 'assignRole') {
			const given = { field: 'person' };
			await patiently(() => refuseUnable(db.sql, command.person, given));
		}
		const asker = askerOf(signedIn(c), 'command', { ...command, idempotencyKey });
		const { facts } = await insist(() => rooms.command(id, asker, command));
		return c.json({ facts: await describeFacts(parts, id, facts) }, 200);
	});
}

/** A fact as the API answers it. */
function describeFact(fact: Fact, text: string, nameOf: NameOf): FactAnswer {
	return {
		id: fact.id,
		kind: fact.kind,
		text,
		by: named(fact.by, nameOf),
		occurredAt: isoOf(fact.occurredAt),
		recordedAt: isoOf(fact.recordedAt),
		...detailsOf(fact, nameOf),
	};
}

function detailsOf(fact: Fact, nameOf: NameOf): Partial<z.infer<typeof factAnswer>> {
	if (isRetroFact(fact)) return {};
	switch (fact.kind) {
		case 'declared':
		case 'renamed':
			return { title: fact.title };
		case 'severity':
			return { severity: fact.severity };
		case 'status':
			return { status: fact.status };
		case 'services':
			return { services: fact.services };
		case 'role':
			return { role: fact.role, person: fact.person && named(fact.person, nameOf) };
		case 'claimed':
			return { role: fact.role };
		case 'milestone':
			return { milestone: fact.milestone, at: isoOf(fact.at) };
		case 'link':
			return { url: fact.url, title: fact.title };
		case 'deleted':
			return { turn: fact.turn };
		case 'restored':
			return { turn: fact.turn, at: isoOf(fact.at) };
		case 'logged':
		case 'reopened':
		case 'late':
		case 'setAside':
		case 'removed':
			return {};
		default:
			return fact satisfies never;
	}
}
