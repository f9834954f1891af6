import type { Milestone } from '../../incident/lifecycle.ts';

/** Where a measure begins or ends: a milestone, or the first entry of kind `alert` that is not struck. */
export type Anchor = Milestone | 'firstAlert';

/** A time from one anchor to another, always with its variant: several figures share an abbreviation. */
export interface Measure {
	readonly id: MeasureId;
	/** What the trade calls it, e.g. `TTR`: never shown without its variant. */
	readonly short: string;
	readonly variant: string;
	readonly name: string;
	readonly start: Anchor;
	readonly end: Anchor;
	/** The whole definition in one sentence. */
	readonly definition: string;
	/** What others mean by the same letters, where that differs. */
	readonly elsewhere?: string;
}

export const measureIds = [
	'ttd',
	'tta',
	'ttaAlert',
	'ttm',
	'ttmDeclared',
	'ttrResolve',
	'ttrRepair',
	'ttrRecover',
	'ttrRespond',
] as const;
export type MeasureId = (typeof measureIds)[number];

/** The measures of domain.md, in its order; their anchors are all that the calculation needs. */
export const measures: readonly Measure[] = [
	{
		id: 'ttd',
		short: 'TTD',
		variant: 'detect',
		name: 'Time to detect',
		start: 'impactStarted',
		end: 'detected',
		definition: 'From the start of the impact to its detection.',
		elsewhere: 'Others count from the first event to the declaration.',
	},
	{
		id: 'tta',
		short: 'TTA',
		variant: 'acknowledge',
		name: 'Time to acknowledge',
		start: 'declared',
		end: 'acknowledged',
		definition: 'From the declaration to the first commander who took command.',
		elsewhere: 'Others count from the start of the impact.',
	},
	{
		id: 'ttaAlert',
		short: 'TTA',
		variant: 'acknowledge from alert',
		name: 'Time to acknowledge, from the first alert',
		start: 'firstAlert',
		end: 'acknowledged',
		definition: 'From the first alert in the timeline to the first commander who took command.',
	},
	{
		id: 'ttm',
		short: 'TTM',
		variant: 'mitigate from impact',
		name: 'Time to mitigate',
		start: 'impactStarted',
		end: 'mitigated',
		definition: 'From the start of the impact to its mitigation.',
		elsewhere: 'Others count until the severity is no longer high.',
	},
	{
		id: 'ttmDeclared',
		short: 'TTM',
		variant: 'mitigate from declaration',
		name: 'Time to mitigate, from the declaration',
		start: 'declared',
		end: 'mitigated',
		definition: 'From the declaration to the mitigation.',
	},
	{
		id: 'ttrResolve',
		short: 'TTR',
		variant: 'resolve',
		name: 'Time to resolve',
		start: 'declared',
		end: 'resolved',
		definition: 'From the declaration to the first time that the incident was resolved.',
		elsewhere: 'Others count from the trigger.',
	},
	{
		id: 'ttrRepair',
		short: 'TTR',
		variant: 'repair',
		name: 'Time to repair',
		start: 'detected',
		end: 'impactEnded',
		definition: 'From the detection to the end of the impact.',
	},
	{
		id: 'ttrRecover',
		short: 'TTR',
		variant: 'recover',
		name: 'Time to recover',
		start: 'impactStarted',
		end: 'resolved',
		definition: 'From the start of the impact to the first time that the incident was resolved.',
		elsewhere: 'DORA calls this the time to restore.',
	},
	{
		id: 'ttrRespond',
		short: 'TTR',
		variant: 'respond',
		name: 'Time to respond',
		start: 'firstAlert',
		end: 'resolved',
		definition:
			'From the first alert in the timeline to the first time that the incident was resolved.',
	},
];

/** Why an incident has no value of a measure that enters a mean, or that it has one. */
export const measureStates = ['valid', 'pending', 'notApplicable', 'invalid', 'zero'] as const;
export type MeasureState = (typeof measureStates)[number];

/** What each state says, in one sentence. */
export const measureStateMeanings: Readonly<Record<MeasureState, string>> = {
	valid: 'Both times are known and in order.',
	pending: 'A time is missing and the incident is not closed: it may still come.',
	notApplicable: 'A time was never reached and the incident is closed, or no alert began it.',
	invalid: 'The end is before the start: one of the two times is wrong.',
	zero: 'Both times are the same on a backfilled or imported incident: its length is not known.',
};
