import type { EntryId } from '../ids.ts';
import { factOf, loggedFact, type Context } from './decide.ts';
import type { NewEntry } from './entries.ts';
import { milestones, reachedBy, type Milestone, type Status } from './lifecycle.ts';
import type { Fact } from './record.ts';
import type { TimelineFile } from './timelineFile.ts';

/** An incident's first facts and entries, all of one turn. */
export interface Backfill {
	readonly facts: readonly Fact[];
	readonly entries: readonly { readonly id: EntryId; readonly entry: NewEntry }[];
}

/**
 * An incident as a timeline file tells it: of origin *backfilled*, left in the status that its
 * milestones say. A milestone that a status reaches comes with that status, at its own time; what
 * the file does not say stays blank. Entries keep the file's order under growing ids.
 */
export function backfill(file: TimelineFile, number: number, context: Context): Backfill {
	const entries = file.entries.map(({ entry, source }) => {
		return { id: context.id() as EntryId, entry, source };
	});
	const facts = [
		factOf(context, {
			kind: 'declared',
			title: file.title,
			number,
			incidentKind: 'incident',
			origin: 'backfilled',
		}),
		...statusFacts(file.milestones, context),
		...milestoneFacts(file.milestones, context),
		...file.links.map((url) => factOf(context, { kind: 'link', url, title: url })),
		...entries.map(({ id, source }) => loggedFact(id, context, source)),
	];
	return { facts, entries: entries.map(({ id, entry }) => ({ id, entry })) };
}

type Times = TimelineFile['milestones'];
const reaching = Object.entries(reachedBy) as [Status, Milestone][];

function statusFacts(times: Times, context: Context): Fact[] {
	const facts = reaching.flatMap(([status, milestone]) => {
		const at = times[milestone];
		return at === undefined ? [] : [factOf(context, { kind: 'status', status }, at)];
	});
	return facts.length > 0 ? facts : [factOf(context, { kind: 'status', status: 'investigating' })];
}

function milestoneFacts(times: Times, context: Context): Fact[] {
	const withStatus = reaching.map(([, milestone]) => milestone);
	return milestones.flatMap((milestone) => {
		const at = times[milestone];
		if (at === undefined || withStatus.includes(milestone)) return [];
		return [factOf(context, { kind: 'milestone', milestone, at })];
	});
}
