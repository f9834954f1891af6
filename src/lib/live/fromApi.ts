import type { EntryId, FactId, IncidentId, PersonId, TaskId } from '#core/ids.ts';
import { milestones, type Milestone } from '#core/incident/lifecycle.ts';
import type { Incident, Reached, TimelineItem } from '#core/incident/reading.ts';
import { roles, type Role } from '#core/incident/roles.ts';

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
	readonly origin: Incident['origin'];
	readonly severity: Incident['severity'];
	readonly status: Incident['status'];
	/** Not told by servers of the release before. */
	readonly services?: Incident['services'];
	readonly declaredBy: Named | null;
	readonly milestones: Readonly<Record<Milestone, string | null>>;
	readonly roles: Readonly<Record<Role, ApiHolder | null>>;
	readonly timeline: readonly ApiItem[];
	readonly tasks: readonly ApiTask[];
	readonly links: readonly { readonly url: string; readonly title: string; readonly by: Named }[];
	readonly impact: string;
	readonly theory: string;
	readonly notes: string;
	readonly importedFrom?: ApiImportedFrom | null;
}

interface ApiImportedFrom {
	readonly source: string;
	readonly number: number;
	readonly at: string;
	readonly by: Named;
	readonly turns: number;
	readonly knownTurn: number | null;
	readonly people: readonly Named[];
}

/** Where an incident comes from that another Muster has exported. */
export interface ImportedFrom {
	readonly source: string;
	/** Its number there. */
	readonly number: number;
	/** Epoch ms. */
	readonly at: number;
	readonly by: string;
	/** How many turns came, and for how many of them a head vouches that was known; null if none was. */
	readonly turns: number;
	readonly knownTurn: number | null;
	/** Whom it brought along, as they are called in it: they are nobody of here. */
	readonly people: ReadonlyMap<PersonId, string>;
}

interface ApiHolder {
	readonly person: Named;
	readonly since: string;
	readonly acting: boolean;
}

interface ApiItem {
	readonly id: string;
	readonly kind: string;
	readonly source: 'entry' | 'fact';
	readonly text: string;
	readonly by: Named | null;
	readonly occurredAt: string;
	readonly recordedAt: string | null;
	readonly endedAt?: string;
	readonly approximate?: true;
	readonly actors?: string;
	readonly starred: boolean;
	readonly struck: boolean;
	readonly recordedAs?: string;
	readonly localTime?: string;
	readonly late?: true;
	readonly url?: string;
}

interface ApiTask {
	readonly id: string;
	readonly title: string;
	readonly assignee: Named | null;
	readonly done: boolean;
	readonly due: string | null;
	readonly order: string;
}

/** What the server rendered, as the live document's reading has it, so that one can follow the other unseen. */
export function incidentFromApi(answer: ApiIncident): Incident & { readonly id: IncidentId } {
	return {
		id: answer.id as IncidentId,
		number: answer.number,
		title: answer.title,
		kind: answer.kind,
		origin: answer.origin,
		severity: answer.severity,
		status: answer.status,
		services: answer.services ?? [],
		declaredBy: idOf(answer.declaredBy),
		milestones: milestonesOf(answer),
		roles: rolesOf(answer),
		timeline: answer.timeline.map(itemOf),
		tasks: answer.tasks.map((task) => ({
			id: task.id as TaskId,
			title: task.title,
			assignee: idOf(task.assignee),
			done: task.done,
			due: task.due === null ? null : Date.parse(task.due),
			order: task.order,
		})),
		links: answer.links.map(({ url, title, by }) => ({ url, title, by: by.id as PersonId })),
		impact: answer.impact,
		theory: answer.theory,
		notes: answer.notes,
	};
}

/** Where it comes from, if that is not here. */
export function importedFromApi({ importedFrom }: ApiIncident): ImportedFrom | null {
	if (!importedFrom) return null;
	const { at, by, people, ...rest } = importedFrom;
	return {
		...rest,
		at: Date.parse(at),
		by: by.name,
		people: new Map(people.map(({ id, name }) => [id as PersonId, name])),
	};
}

function idOf(one: Named | null): PersonId | null {
	return one && (one.id as PersonId);
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
			return [role, { person: person.id as PersonId, since: Date.parse(since), acting }];
		}),
	) as Record<Role, Incident['roles'][Role]>;
}

function itemOf(item: ApiItem): TimelineItem {
	return {
		id: item.id as EntryId,
		kind: item.kind,
		source: item.source,
		text: item.text,
		by: idOf(item.by),
		occurredAt: Date.parse(item.occurredAt),
		recordedAt: item.recordedAt === null ? null : Date.parse(item.recordedAt),
		...(item.endedAt ? { endedAt: Date.parse(item.endedAt) } : {}),
		...(item.approximate ? { approximate: true as const } : {}),
		...(item.actors ? { actors: item.actors } : {}),
		starred: item.starred,
		struck: item.struck,
		...(item.recordedAs ? { recordedAs: item.recordedAs } : {}),
		...(item.localTime ? { localTime: item.localTime } : {}),
		...(item.late ? { late: true as const } : {}),
		...(item.url ? { url: item.url } : {}),
	};
}
