import type { Incident, TimelineItem } from '../incident/reading.ts';

/** Lines of a timeline that fall into one part of the response; what the part is called, if that can be told. */
export interface Part {
	readonly name: string | null;
	readonly items: readonly TimelineItem[];
}

/**
 * A timeline in the parts of the response, in their order: detection until it was detected (else declared),
 * diagnosis until the cause was identified, repair until it was resolved. A border that nobody has set parts
 * nothing; what lies at a border is the part's that ends there. Reopened it was not over: then nothing is afterwards.
 */
export function partsOf(
	{ milestones }: Pick<Incident, 'milestones'>,
	timeline: readonly TimelineItem[],
): readonly Part[] {
	const detected = (milestones.detected ?? milestones.declared)?.at ?? null;
	const identified = milestones.identified?.at ?? null;
	const wasReopened = timeline.some(({ source, kind }) => source === 'fact' && kind === 'reopened');
	const resolved = (wasReopened ? null : milestones.resolved?.at) ?? Infinity;
	const nameAt = (at: number): string | null => {
		if (at > resolved) return 'Afterwards';
		if (detected === null) return identified !== null && at > identified ? 'Repair' : null;
		if (at <= detected) return 'Detection';
		if (identified === null) return 'Diagnosis and repair';
		return at <= identified ? 'Diagnosis' : 'Repair';
	};
	const names = new Set(timeline.map(({ occurredAt }) => nameAt(occurredAt)));
	return Array.from(names, (name) => ({
		name,
		items: timeline.filter(({ occurredAt }) => nameAt(occurredAt) === name),
	}));
}
