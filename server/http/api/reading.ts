import { z } from '@hono/zod-openapi';
import type { IncidentId, PersonId } from '#core/ids.ts';
import { kinds, milestones, origins, severities, statuses } from '#core/incident/lifecycle.ts';
import type { Holder, Incident, NameOf, TimelineItem } from '#core/incident/reading.ts';
import { roles } from '#core/incident/roles.ts';

/** An instant, ISO 8601 UTC. */
export const instantField = z.iso.datetime();

/** Somebody, with their name as it is today. */
export const namedField = z.object({ id: z.uuid(), name: z.string() }).openapi('Named');

/** A line of the timeline: an entry, or a fact as a sentence. */
export const item = z
	.object({
		id: z.string(),
		kind: z.string(),
		source: z.enum(['entry', 'fact']),
		text: z.string(),
		by: namedField.nullable(),
		occurredAt: instantField,
		recordedAt: instantField.nullable(),
		endedAt: instantField.optional(),
		approximate: z.literal(true).optional(),
		actors: z.string().optional(),
		starred: z.boolean(),
		struck: z.boolean(),
		recordedAs: z.string().optional(),
		localTime: z.string().optional(),
		late: z.literal(true).optional(),
		url: z.string().optional(),
	})
	.openapi('TimelineItem');

const holder = z.object({ person: namedField, since: instantField, acting: z.boolean() });

const task = z
	.object({
		id: z.string(),
		title: z.string(),
		assignee: namedField.nullable(),
		done: z.boolean(),
		due: instantField.nullable(),
		order: z.string(),
	})
	.openapi('Task');

/** The whole incident, as `GET /incidents/{id}` answers it. */
export const incident = z
	.object({
		id: z.uuid(),
		number: z.int(),
		title: z.string(),
		kind: z.enum(kinds),
		origin: z.enum(origins),
		severity: z.enum(severities).nullable(),
		status: z.enum(statuses),
		services: z.array(z.string()).readonly(),
		declaredBy: namedField.nullable(),
		milestones: z.record(z.enum(milestones), instantField.nullable()),
		roles: z.record(z.enum(roles), holder.nullable()),
		timeline: z.array(item),
		tasks: z.array(task),
		links: z.array(z.object({ url: z.string(), title: z.string(), by: namedField })),
		impact: z.string(),
		theory: z.string(),
		notes: z.string(),
	})
	.openapi('Incident');

/** A reading as the API answers it: people with their names, instants in ISO 8601, its number here. */
export function describeIncident(
	{ id, number }: { readonly id: IncidentId; readonly number: number },
	reading: Incident,
	nameOf: NameOf,
): z.infer<typeof incident> {
	const { declaredBy, timeline, tasks, links } = reading;
	return {
		id,
		number,
		title: reading.title,
		kind: reading.kind,
		origin: reading.origin,
		severity: reading.severity,
		status: reading.status,
		services: reading.services,
		declaredBy: declaredBy && named(declaredBy, nameOf),
		milestones: mapAll(milestones, (name) => isoOf(reading.milestones[name]?.at ?? null)),
		roles: mapAll(roles, (role) => describeHolder(reading.roles[role], nameOf)),
		timeline: timeline.map((one) => describeItem(one, nameOf)),
		tasks: tasks.map((one) => ({
			...one,
			assignee: one.assignee && named(one.assignee, nameOf),
			due: isoOf(one.due),
		})),
		links: links.map((link) => ({ ...link, by: named(link.by, nameOf) })),
		impact: reading.impact,
		theory: reading.theory,
		notes: reading.notes,
	};
}

/** A line of the timeline as the API answers it. */
export function describeItem(one: TimelineItem, nameOf: NameOf): z.infer<typeof item> {
	const { by, occurredAt, recordedAt, endedAt, ...rest } = one;
	return {
		...rest,
		by: by && named(by, nameOf),
		occurredAt: isoOf(occurredAt),
		recordedAt: isoOf(recordedAt),
		...(endedAt === undefined ? {} : { endedAt: isoOf(endedAt) }),
	};
}

function describeHolder(one: Holder | null, nameOf: NameOf): z.infer<typeof holder> | null {
	return one && { person: named(one.person, nameOf), since: isoOf(one.since), acting: one.acting };
}

/** A person's id with their name. */
export function named(id: PersonId, nameOf: NameOf): { id: PersonId; name: string } {
	return { id, name: nameOf(id) };
}

/** Epoch ms as ISO 8601 UTC; null stays null. */
export function isoOf<T extends number | null>(at: T): T extends number ? string : null;
export function isoOf(at: number | null): string | null {
	return at === null ? null : new Date(at).toISOString();
}

function mapAll<K extends string, V>(keys: readonly K[], value: (key: K) => V): Record<K, V> {
	return Object.fromEntries(keys.map((key) => [key, value(key)])) as Record<K, V>;
}
