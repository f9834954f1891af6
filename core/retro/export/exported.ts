import type { PersonId } from '../../ids.ts';
import type { Incident, NameOf, TimelineItem } from '../../incident/reading.ts';
import { keyEntries } from '../keyEntries.ts';
import { partsOf, type Part } from '../parts.ts';
import type { Retro } from '../reading.ts';
import type { PublishedVersion } from '../state.ts';

/** An action item, as far as a file tells it. */
export interface ExportedAction {
	readonly title: string;
	/** In words: `Detect`. */
	readonly kind: string;
	readonly owner: PersonId | null;
	/** A day, `2026-11-24`. */
	readonly dueOn: string | null;
	readonly state: 'open' | 'done' | 'dropped';
	readonly link: string | null;
}

/** A retrospective that is to be read outside of Muster, in whatever form. */
export interface ExportedRetro {
	/** The incident's number here. */
	readonly number: number;
	/** Where it can be read in Muster. */
	readonly url: string;
	/** The published version that it is; null for a draft. */
	readonly version: PublishedVersion | null;
	readonly retro: Pick<Retro, 'stage' | 'owner' | 'reviewers' | 'report' | 'findings'>;
	/** The incident that it is about: as of its publishing, or as it is now. */
	readonly incident: Incident;
	readonly actions: readonly ExportedAction[];
	readonly nameOf: NameOf;
	/** When it is exported, epoch ms. */
	readonly at: number;
}

/** `INC-42 checkout is down` */
export function titleOf({ number, incident }: ExportedRetro): string {
	return `INC-${number} ${incident.title}`;
}

/** What it is: `Version 2, published 2026-11-24 …` in words, or that it is a draft. */
export function standingOf({ version }: ExportedRetro, timeOf: (at: number) => string): string {
	if (version === null) return 'A draft, not published';
	return `Version ${version.version}, published ${timeOf(version.at)}`;
}

/** The lines of the timeline that it shows, by the parts of the response. */
export function linesOf({ incident }: ExportedRetro): readonly Part[] {
	return partsOf(incident, keyEntries(incident.timeline));
}

/** The lines that are named as evidence for a finding; those that are gone are left out. */
export function evidenceOf(
	{ incident }: ExportedRetro,
	entries: readonly string[],
): readonly TimelineItem[] {
	return incident.timeline.filter(({ id }) => entries.includes(id));
}
