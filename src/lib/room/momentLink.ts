import { resolve } from '$app/paths';
import type { TimelineItem } from '#core/incident/reading.ts';
import type { ReviewClock } from '#core/review/clocks.ts';

/** Where on which clock, as the address of a replay says it; instants are epoch ms. */
export interface ReplayPlace {
	readonly at: number | null;
	readonly clock?: ReviewClock;
	/** The stretch that is compared. */
	readonly from?: number | null;
	readonly to?: number | null;
}

/** The address of a place in an incident's replay. */
export function replayLink(number: number, { at, clock, from, to }: ReplayPlace): string {
	const query = new URLSearchParams();
	const say = (name: string, instant: number | null | undefined) => {
		if (instant !== null && instant !== undefined) {
			query.set(name, new Date(instant).toISOString());
		}
	};
	say('t', at);
	if (clock) query.set('clock', clock);
	say('from', from);
	say('to', to);
	const path = resolve(`/i/${number}/replay`);
	// Colons may stand in a query, and people read these.
	return query.size === 0 ? path : `${path}?${query.toString().replaceAll('%3A', ':')}`;
}

/** The address that puts a moment (epoch ms) of the replay, and a line of it, into the retrospective. */
export function quoteLink(number: number, at: number, line: string | null): string {
	const query = new URLSearchParams({ quote: new Date(at).toISOString() });
	if (line !== null) query.set('entry', line);
	return `${resolve(`/i/${number}/retro`)}?${query.toString().replaceAll('%3A', ':')}`;
}

/**
 * Where a line of the room leads: to the moment at which the server had it, or for an incident that was
 * written down afterwards to when it happened.
 */
export function momentLink(
	incident: { readonly number: number; readonly isLive: boolean },
	item: TimelineItem,
): { href: string; title: string } {
	const at = incident.isLive ? (item.recordedAt ?? item.occurredAt) : item.occurredAt;
	return {
		href: `${replayLink(incident.number, { at })}#e-${item.id}`,
		title: 'Show this moment in the replay',
	};
}
