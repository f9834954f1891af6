import type { EntryId, FactId, TaskId } from '../ids.ts';
import type { RemovedPart } from '../incident/parts.ts';
import type { Span } from './spans.ts';

/** What is to be removed for good: a text wherever it ever was, or all words of one thing. */
export type Wanted =
	| { readonly text: string }
	| { readonly entry: EntryId }
	| { readonly fact: FactId }
	| { readonly task: TaskId };

/** A value of a fact or a field, and what stands in its place from now on. */
export interface Replaced {
	readonly client: number;
	readonly clock: number;
	readonly value: unknown;
}

/** What was found in a history: by the clients and clocks under which it was written, it is found again. */
export interface Found {
	/** Characters, marks and whatever else leaves nothing behind. */
	readonly spans: readonly Span[];
	readonly values: readonly Replaced[];
	/** Where people read it. */
	readonly parts: readonly RemovedPart[];
}

/** What stands in a fact or a field instead of what was removed. */
export const removedMark = '[removed]';

/** A text as it is looked for: line breaks are the document's. */
export function needleOf(text: string): string {
	return text.replaceAll('\r\n', '\n').trim();
}

/** Whether a text would be there again wherever it was removed. */
export function isInMark(text: string): boolean {
	return removedMark.includes(needleOf(text));
}

/** What people or sources wrote freely into facts, there or one level deeper. */
const freeFields: readonly string[] = [
	...['title', 'url', 'text', 'reason', 'recordedAs', 'localTime', 'name', 'quote', 'services'],
];

/** A fact with its free texts changed by a function; the very same one if that changes none. */
export function withTexts<T extends object>(fact: T, change: (text: string) => string): T {
	const fields = Object.entries(fact).map(([name, value]: [string, unknown]) => {
		return [name, withText(value, freeFields.includes(name), change)] as const;
	});
	const isSame = fields.every(([name, value]) => value === fact[name as keyof T]);
	return isSame ? fact : (Object.fromEntries(fields) as T);
}

/** A field's value with its texts changed; the very same one if there is nothing to change. */
function withText(value: unknown, isFree: boolean, change: (text: string) => string): unknown {
	if (typeof value === 'string') return isFree ? change(value) : value;
	if (Array.isArray(value)) {
		const list: readonly unknown[] = value;
		const changed = list.map((one) => (isFree && typeof one === 'string' ? change(one) : one));
		return changed.every((one, i) => one === list[i]) ? list : changed;
	}
	return typeof value === 'object' && value !== null ? withTexts(value, change) : value;
}

/** The digest of a request goes with what it said: a short secret could be guessed from it. */
export function withoutPrint(fact: object): object {
	return Object.fromEntries(Object.entries(fact).filter(([name]) => name !== 'print'));
}
