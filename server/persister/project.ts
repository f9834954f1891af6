import * as Y from 'yjs';
import type { IncidentId } from '#core/ids.ts';
import { impactOf } from '#core/incident/document.ts';
import { readEntries, type Entry } from '#core/incident/entries.ts';
import type { RecordState } from '#core/incident/fold.ts';
import { milestones, severities, type Severity } from '#core/incident/lifecycle.ts';
import { readRecord, type ReadRecord, type Task } from '#core/incident/reading.ts';
import { readFacts, type Fact } from '#core/incident/record.ts';
import { roles } from '#core/incident/roles.ts';
import { serviceLimits, servicesOf } from '#core/incident/services.ts';
import { readTasks } from '#core/incident/tasks.ts';
import { limits } from '#server/limits.ts';
import type { PartRow, ProjectedIncident, Projection } from '#server/storage/projection.ts';
import {
	roleIntervals,
	severityIntervals,
	statusIntervals,
	type Interval,
} from '#core/review/intervals.ts';
import { downtimeRows, measureRow } from './measures.ts';
import { storableId, storableInstant, storableText } from './storable.ts';

const impactLength = 500;
const headerRoles = roles.slice(0, 4);

/** What lists and metrics want of an incident's document after one turn (`at` in epoch ms). Never throws on odd content. */
export function projectIncident(
	id: IncidentId,
	doc: Y.Doc,
	upto: { readonly turn: number; readonly at: number },
): Projection {
	const facts = readFacts(doc);
	const record = readRecord(facts, (person) => person);
	const { state } = record;
	const entries = newestOf(readEntries(doc));
	const highest = highestOf(facts);
	const measurable = { state, facts, entries, highest };
	return {
		uptoTurn: upto.turn,
		uptoAt: storableInstant(upto.at),
		incident: {
			...headOf(state),
			id,
			highestSeverity: highest,
			declaredAt: storableInstant(beginningOf(state, facts) ?? upto.at),
			impact: storableText(startOf(impactOf(doc), impactLength), impactLength),
		},
		parts: {
			projected_entries: entries.map((entry) => entryRow(entry, record.logged)),
			projected_tasks: readTasks(doc).map(taskRow),
			projected_roles: roleIntervals(facts).flatMap(roleRow),
			projected_statuses: statusIntervals(facts).map(intervalRow),
			projected_severities: severityIntervals(facts).map(intervalRow),
			projected_milestones: milestoneRows(state),
			projected_measures: [measureRow(measurable)],
			projected_downtimes: downtimeRows(measurable),
			projected_services: serviceRows(state),
		},
	};
}

/** A text's first characters, without walking through all that was ever typed. */
function startOf(text: Y.Text, length: number): string {
	let start = '';
	for (let item = text._start; item && start.length < length; item = item.right) {
		if (!item.deleted && item.content instanceof Y.ContentString) start += item.content.str;
	}
	return start;
}

/** Far more than people write; the document keeps them all. */
function newestOf(entries: readonly Entry[]): readonly Entry[] {
	if (entries.length <= limits.projectedEntries) return entries;
	return entries.toSorted((a, b) => (a.id < b.id ? 1 : -1)).slice(0, limits.projectedEntries);
}

function headOf(
	state: RecordState,
): Omit<ProjectedIncident, 'id' | 'highestSeverity' | 'declaredAt' | 'impact'> {
	return {
		number: Math.trunc(state.number),
		title: storableText(state.title),
		kind: state.kind,
		origin: state.origin,
		severity: state.severity,
		status: state.status,
		declaredBy: storableId(state.declaredBy),
		commander: storableId(state.roles.commander?.person),
		emptyRoles: headerRoles.filter((role) => state.roles[role] === null),
		milestones: Object.fromEntries(
			milestoneRows(state).map(({ milestone, at }) => [milestone, at]),
		),
	};
}

/** When it was declared, or else the earliest instant that is known of it. */
function beginningOf(state: RecordState, facts: readonly Fact[]): number | undefined {
	const reached = milestones.flatMap((milestone) => state.milestones[milestone]?.at ?? []);
	return state.milestones.declared?.at ?? reached.sort((a, b) => a - b)[0] ?? facts[0]?.occurredAt;
}

function highestOf(facts: readonly Fact[]): Severity | null {
	const had = new Set(facts.map((fact) => (fact.kind === 'severity' ? fact.severity : null)));
	return severities.find((severity) => had.has(severity)) ?? null;
}

function entryRow(entry: Entry, logged: ReadRecord['logged']): PartRow {
	const fact = logged.get(entry.id);
	return {
		id: entry.id,
		kind: storableText(entry.kind, 100),
		text: storableText(entry.text),
		occurredAt: storableInstant(entry.occurredAt),
		endedAt: storableInstant(entry.endedAt),
		approximate: entry.approximate === true,
		actors: entry.actors === undefined ? null : storableText(entry.actors, 1_000),
		starred: entry.starred,
		struck: entry.struck,
		loggedBy: storableId(fact?.by),
		recordedAt: storableInstant(fact?.recordedAt),
	};
}

function taskRow(task: Task, position: number): PartRow {
	return {
		id: task.id,
		title: storableText(task.title),
		assignee: task.assignee,
		done: task.done,
		due: storableInstant(task.due),
		position,
	};
}

function roleRow(interval: ReturnType<typeof roleIntervals>[number]): PartRow[] {
	return storableId(interval.person) ? [intervalRow(interval)] : [];
}

function intervalRow<T extends Interval<object>>(
	interval: T,
): Omit<T, 'since' | 'until'> & { since: string; until: string | null } {
	return {
		...interval,
		fact: storableText(interval.fact, 100),
		since: storableInstant(interval.since),
		until: storableInstant(interval.until),
	};
}

/** What a record says that was written elsewhere may be longer than ours, or more. */
function serviceRows(state: RecordState): PartRow[] {
	const { count, name } = serviceLimits;
	const names = state.services.slice(0, count).map((service) => storableText(service, name));
	return servicesOf(names).map((service) => ({ service }));
}

function milestoneRows(state: RecordState) {
	return milestones.flatMap((milestone) => {
		const reached = state.milestones[milestone];
		if (!reached) return [];
		return [
			{
				milestone,
				at: storableInstant(reached.at),
				by: storableId(reached.by),
				recordedAt: storableInstant(reached.recordedAt),
				original: storableInstant(reached.original),
			},
		];
	});
}
