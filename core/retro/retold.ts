import type { Incident } from '../incident/reading.ts';

/**
 * A kept reading whose facts read as in the incident of now: sentences hold names, which are joined at
 * reading, and a kept one has ids in their places. A fact that is no longer there reads as it was kept.
 */
export function retold(kept: Incident, now: Incident): Incident {
	const sentences = new Map(
		now.timeline.flatMap(({ source, id, text }) => (source === 'fact' ? [[id, text]] : [])),
	);
	const timeline = kept.timeline.map((item) =>
		item.source === 'fact' ? { ...item, text: sentences.get(item.id) ?? item.text } : item,
	);
	return { ...kept, timeline };
}
