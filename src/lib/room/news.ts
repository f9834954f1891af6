import { severities, type Severity } from '#core/incident/lifecycle.ts';
import type { NameOf, RecordPart, TimelineItem } from '#core/incident/reading.ts';
import { roleNames, roles } from '#core/incident/roles.ts';
import type { PersonId } from '#core/ids.ts';

/** What others added to the timeline, in one sentence for somebody who does not see it. */
export function newsOf(added: readonly TimelineItem[], nameOf: NameOf): string | null {
	const latest = added.at(-1);
	if (!latest) return null;
	const words = wordsOf(latest, nameOf);
	return added.length === 1 ? words : `${added.length} new entries; latest: ${words}`;
}

function wordsOf(item: TimelineItem, nameOf: NameOf): string {
	const who = item.actors ?? (item.by === null ? null : nameOf(item.by));
	return item.source === 'fact' || who === null ? item.text : `${item.text}, ${who}`;
}

/** Whether a severity is worse than another; one that is not set is the least. */
export function isWorse(now: Severity | null, before: Severity | null): boolean {
	const rank = (severity: Severity | null) =>
		severity === null ? severities.length : severities.indexOf(severity);
	return rank(now) < rank(before);
}

/** The roles that somebody has now and had not before, in words; null if there are none. */
export function rolesGiven(before: RecordPart, now: RecordPart, to: PersonId): string | null {
	const given = roles.filter(
		(role) => now.roles[role]?.person === to && before.roles[role]?.person !== to,
	);
	return given.length === 0 ? null : given.map((role) => roleNames[role]).join(', ');
}
