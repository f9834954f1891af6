import type { Incident, NameOf, TimelineItem } from '#core/incident/reading.ts';
import type { Finding } from '#core/retro/findings.ts';
import type { ActionAnswer, Named } from '#core/learning/actionsWire.ts';
import type { ActionVerbs } from '$lib/learning/actionVerbs.ts';
import type { LiveRetro } from '$lib/live/LiveRetro.svelte.ts';
import type { HintChoices } from './HintChoices.svelte.ts';

/** What a report's references show, read or edited. */
export interface ReportView {
	readonly number: number;
	readonly incident: Incident;
	readonly findings: readonly Finding[];
	readonly nameOf: NameOf;
	/** The incident’s action items as they are now, whatever else is frozen. */
	readonly actions: Actions;
	/** For those who may write; null where it is only read. */
	readonly writing: Writing | null;
}

/** Action items, and what may be done with them. */
export interface Actions {
	readonly all: readonly ActionAnswer[];
	readonly people: readonly Named[];
	/** Null for those who only read. */
	readonly verbs: ActionVerbs | null;
	/** Epoch ms. */
	readonly now: number;
}

/** What is needed to write findings. */
export interface Writing {
	readonly live: LiveRetro;
	readonly hints: HintChoices;
	/** The causes that are offered to choose from. */
	readonly causes: readonly string[];
	/** Whose names are looked for among what contributed. */
	readonly names: readonly string[];
	/** Something was entered that a piece of evidence can be given to. */
	readonly onenter: (target: Target) => void;
}

/** Where the next piece of evidence goes. */
export type Target =
	{ readonly kind: 'report' } | { readonly kind: 'finding'; readonly id: Finding['id'] };

/** Where that is, in words: `factor 2`, `the report`. */
export function targetWords(target: Target, findings: readonly Finding[]): string {
	const one = target.kind === 'finding' && findings.find(({ id }) => id === target.id);
	if (!one) return 'the report';
	const peers = findings.filter(({ kind }) => kind === one.kind);
	return `${one.kind === 'factor' ? 'factor' : 'lesson'} ${peers.indexOf(one) + 1}`;
}

/** A line of a timeline, in a few words. */
export function lineWords(item: TimelineItem): string {
	const [first = ''] = item.text.split('\n', 1);
	return first.length > 80 ? `${first.slice(0, 79)}…` : first;
}
