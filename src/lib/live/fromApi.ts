import type { EntryId, FactId, IncidentId, PersonId, TaskId } from '#core/ids.ts';
import { milestones, type Milestone } from '#core/incident/lifecycle.ts';
import type { Incident, Reached, TimelineItem } from '#core/incident/reading.ts';
import { roles, type Role } from '#core/incident/roles.ts';
import type { PersonCard } from './People.svelte.ts';

interface Named {
	readonly id: string;
	readonly name: string;
}

/** The answer of `GET /api/v1/incidents/{id}`, as far as the room uses it. */
export interface ApiIncident {
	readonly id: string;
	readonly number: number;
	readonly title: string;
	readonly kind: Incident['kind'];
	readonly origin?: Incident['origin'];
	readonly severity: Incident['severity'];
	readonly status: Incident['status'];
	readonly declaredBy?: Named | null;
	readonly milestones: Readonly<Record<string, string | null>>;
	readonly roles: Readonly<
		Record<string, { person: Named; since: string; acting?: boolean } | null>
	>;
	readonly timeline: readonly ApiItem[];
	readonly tasks: readonly ApiTask[];
	readonly links?: readonly { url: string; title: string; by?: Named | null }[];
	readonly impact: string;
	readonly theory: string;
	readonly notes: string;
}

interface ApiItem {
	readonly id: string;
	readonly kind: string;
	readonly source?: 'entry' | 'fact';
	readonly text: string;
	readonly by: Named | null;
	readonly occurredAt: string;
	readonly recordedAt: string | null;
	readonly endedAt?: string;
	readonly approximate?: boolean;
	readonly actors?: string;
	readonly starred: boolean;
	readonly struck?: boolean;
	readonly recordedAs?: string;
	readonly localTime?: string;
	readonly url?: string;
}

interface ApiTask {
	readonly id: string;
	readonly title: string;
	readonly assignee: Named | string | null;
	readonly done: boolean;
	readonly due: string | number | null;
	readonly order?: string;
}

/** What the server rendered, as the live document's reading has it, so that one can follow the other unseen. */
export function incidentFromApi(answer: ApiIncident): Incident & { readonly id: IncidentId } {
	return {
		id: answer.id as IncidentId,
		number: answer.number,
		title: answer.title,
		kind: answer.kind,
		origin: answer.origin ?? 'live',
		severity: answer.severity,
		status: answer.status,
		declaredBy: (answer.declaredBy?.id ?? null) as PersonId | null,
		milestones: milestonesOf(answer),
		roles: rolesOf(answer),
		timeline: answer.timeline.map(itemOf),
		tasks: answer.tasks.map((task) => ({
			id: task.id as TaskId,
			title: task.title,
			assignee: idOf(task.assignee),
			done: task.done,
			due: task.due === null ? null : new Date(task.due).getTime(),
			order: task.order ?? '',
		})),
		links: (answer.links ?? []).map(({ url, title, by }) => ({
			url,
			title,
			by: (by?.id ?? '') as PersonId,
		})),
		impact: answer.impact,
		theory: answer.theory,
		notes: answer.notes,
	};
}

/** The people whom an answer names. */
export function peopleInApi(answer: ApiIncident): readonly PersonCard[] {
	const named = [
		...answer.timeline.map(({ by }) => by),
		...Object.values(answer.roles).map((holder) => holder?.person ?? null),
		...answer.tasks.map(({ assignee }) => (typeof assignee === 'string' ? null : assignee)),
	].filter((one) => one !== null);
	return named.map(({ id, name }) => ({
		id: id as PersonId,
		name,
		access: 'viewer' as const,
		kind: 'system' as const,
	}));
}

function idOf(one: Named | string | null): PersonId | null {
	if (one === null) return null;
	return (typeof one === 'string' ? one : one.id) as PersonId;
}

const nobody = '' as PersonId;

function milestonesOf(answer: ApiIncident): Incident['milestones'] {
	const reached: Partial<Record<Milestone, Reached>> = {};
	for (const milestone of milestones) {
		const time = answer.milestones[milestone];
		if (!time) continue;
		const at = Date.parse(time);
		reached[milestone] = { at, by: nobody, recordedAt: at, fact: '' as FactId };
	}
	return reached;
}

function rolesOf(answer: ApiIncident): Incident['roles'] {
	return Object.fromEntries(
		roles.map((role) => {
			const holder = answer.roles[role];
			if (!holder) return [role, null];
			const { person, since, acting } = holder;
			return [
				role,
				{ person: person.id as PersonId, since: Date.parse(since), acting: acting === true },
			];
		}),
	) as Record<Role, Incident['roles'][Role]>;
}

const factKinds = new Set([
	'declared',
	'renamed',
	'severity',
	'status',
	'role',
	'milestone',
	'link',
	'reopened',
]);

function itemOf(item: ApiItem): TimelineItem {
	return {
		id: item.id as EntryId,
		kind: item.kind,
		source: item.source ?? (factKinds.has(item.kind) ? 'fact' : 'entry'),
		text: item.text,
		by: (item.by?.id ?? null) as PersonId | null,
		occurredAt: Date.parse(item.occurredAt),
		recordedAt: item.recordedAt === null ? null : Date.parse(item.recordedAt),
		...(item.endedAt ? { endedAt: Date.parse(item.endedAt) } : {}),
		...(item.approximate ? { approximate: true as const } : {}),
		...(item.actors ? { actors: item.actors } : {}),
		starred: item.starred,
		struck: item.struck ?? false,
		...(item.recordedAs ? { recordedAs: item.recordedAs } : {}),
		...(item.localTime ? { localTime: item.localTime } : {}),
		...(item.url ? { url: item.url } : {}),
	};
}
