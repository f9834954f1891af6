import type { TimelineItem } from '../incident/reading.ts';

const tellsTheCourse: readonly string[] = ['declared', 'status', 'severity', 'reopened'];

/**
 * The lines of a timeline that a retrospective shows: what was starred or decided, and what the incident
 * became. Nothing that was struck.
 */
export function keyEntries(timeline: readonly TimelineItem[]): readonly TimelineItem[] {
	return timeline.filter(({ source, kind, starred, struck }) => {
		if (struck) return false;
		return source === 'fact' ? tellsTheCourse.includes(kind) : starred || kind === 'decision';
	});
}
