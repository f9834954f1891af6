import { milestoneNames, milestones } from '../incident/lifecycle.ts';
import type { Referenced } from '../incident/notes.ts';
import type { Incident, NameOf } from '../incident/reading.ts';
import { roleNames, roles } from '../incident/roles.ts';
import { fullTime } from '../time.ts';

/** What a report shows of its incident as a plain list. */
export type Listed = Extract<Referenced, 'milestones' | 'roles' | 'updates' | 'tasks'>;

/** Such a list, a line each: “Detected: 2026-11-24 02:13:00 UTC”. */
export function linesFor(of: Listed, incident: Incident, nameOf: NameOf): readonly string[] {
	switch (of) {
		case 'milestones':
			return milestones.flatMap((name) => {
				const reached = incident.milestones[name];
				return reached ? [`${milestoneNames[name]}: ${fullTime(reached.at)}`] : [];
			});
		case 'roles':
			return roles.flatMap((role) => {
				const holder = incident.roles[role];
				return holder ? [`${roleNames[role]}: ${nameOf(holder.person)}`] : [];
			});
		case 'updates':
			return incident.timeline
				.filter(({ kind, struck }) => kind === 'comms' && !struck)
				.map(({ occurredAt, text }) => `${fullTime(occurredAt)}: ${text}`);
		case 'tasks':
			return incident.tasks
				.filter(({ done, title }) => !done && title.trim() !== '')
				.map(({ title, assignee }) => `${title} (${assignee ? nameOf(assignee) : 'nobody'})`);
	}
	return of satisfies never;
}

/** What stands above such a list. */
export const listTitles: Readonly<Record<Listed, string>> = {
	milestones: 'Milestones',
	roles: 'Who held which role',
	updates: 'What was said to customers',
	tasks: 'Tasks left open',
};

/** What a retrospective shows by reference, as people choose it. */
export const referenceNames: Readonly<Record<Referenced, string>> = {
	...listTitles,
	timeline: 'Key entries',
	factors: 'Contributing factors',
	lessons: 'Lessons',
	actions: 'Action items',
};
