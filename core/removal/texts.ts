import * as Y from 'yjs';
import type { Span } from './spans.ts';

/** Characters that stand together, and where they come from; line breaks between blocks come from nowhere. */
interface Run {
	readonly text: string;
	readonly id: { readonly client: number; readonly clock: number } | null;
}

type Parent = Y.Text | Y.XmlElement | Y.XmlFragment;

/** The places where a text can be read now in a shared type, with all that is in it. */
export function occurrencesIn(type: Parent, needle: string): Span[] {
	const runs: Run[] = [];
	collect(type, runs);
	const whole = runs.map(({ text }) => text).join('');
	// Blocks are joined by one line break each, whatever stands around them.
	const wanted = type instanceof Y.XmlFragment ? needle.replaceAll(/\n+/g, '\n') : needle;
	return indexesOf(whole, wanted).flatMap((at) => spansOf(runs, at, at + wanted.length));
}

/** Where a text begins in another, overlapping ones too. */
export function indexesOf(text: string, needle: string): number[] {
	const found: number[] = [];
	for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + 1)) found.push(at);
	return found;
}

/** Where a shared text is read: rich text in its block, or in all of the notes where it has several lines. */
export function readingPlaceOf(text: Y.Text, hasLines: boolean): Parent {
	if (!(text instanceof Y.XmlText)) return text;
	let place: Parent = text;
	while (place.parent instanceof Y.XmlElement || place.parent instanceof Y.XmlFragment) {
		place = place.parent;
		if (!hasLines) break;
	}
	return place;
}

function collect(type: Parent, runs: Run[]): void {
	for (let item = type._start; item; item = item.right) {
		if (item.deleted) continue;
		const { content, id } = item;
		if (content instanceof Y.ContentString) runs.push({ text: content.str, id });
		if (!(content instanceof Y.ContentType)) continue;
		const inner = content.type;
		if (inner instanceof Y.XmlElement && runs.at(-1)?.id) runs.push({ text: '\n', id: null });
		if (isParent(inner)) collect(inner, runs);
	}
}

function isParent(type: unknown): type is Parent {
	return type instanceof Y.Text || type instanceof Y.XmlFragment; // an element is a fragment too
}

function spansOf(runs: readonly Run[], from: number, to: number): Span[] {
	const spans: Span[] = [];
	let at = 0;
	for (const { text, id } of runs) {
		const begin = Math.max(from - at, 0);
		const end = Math.min(to - at, text.length);
		if (id && begin < end) {
			spans.push({ client: id.client, clock: id.clock + begin, length: end - begin });
		}
		at += text.length;
		if (at >= to) break;
	}
	return spans;
}
