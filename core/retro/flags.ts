import { isUlid, type EntryId } from '../ids.ts';
import { isInstant } from '../time.ts';

/** A finding is what contributed to an incident, or what was learnt from it. */
export const findingKinds = ['factor', 'lesson'] as const;
export type FindingKind = (typeof findingKinds)[number];

/** What shows a finding: a line of the timeline, or a moment of the replay (epoch ms). */
export type Evidence =
	| { readonly kind: 'entry'; readonly entry: EntryId }
	| { readonly kind: 'moment'; readonly at: number };

/** The key under which a finding has a piece of evidence. */
export function evidenceKey(evidence: Evidence): string {
	return evidence.kind === 'entry' ? `entry:${evidence.entry}` : `moment:${evidence.at}`;
}

/** The evidence that a key stands for, or null. */
export function evidenceOf(key: string): Evidence | null {
	const [, kind, value = ''] = /^(entry|moment):(\w+)$/.exec(key) ?? [];
	if (kind === 'entry') return isUlid(value) ? { kind, entry: value as EntryId } : null;
	const at = Number(value);
	const isMoment = kind === 'moment' && /^\d{1,15}$/.test(value) && isInstant(at);
	return isMoment ? { kind: 'moment', at } : null;
}

/** Whether a cause is kept under this key. Its name is a value, so that it can be removed for good. */
export function isCauseKey(key: string): boolean {
	return key.startsWith('cause:') && isUlid(key.slice('cause:'.length));
}

/** The longest name of a cause, in UTF-16 units. */
export const causeLength = 64;

/** Whether a value can be a cause's name: trimmed, on one line, not too long. */
export function isCause(value: unknown): value is string {
	return (
		typeof value === 'string' &&
		value.length > 0 &&
		value.length <= causeLength &&
		value === value.trim() &&
		value.isWellFormed() &&
		!/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value)
	);
}
