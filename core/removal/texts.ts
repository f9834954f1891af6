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

/** So many changes in one text are looked for in all of it. */
const manyItems = 50;

/** The places where a text can be read now that some items of a shared text have come or gone. */
export function occurrencesAround(
	text: Y.Text,
	items: readonly Y.Item[],
	needle: string,
): readonly Span[] {
	const block = text.parent;
	if (block instanceof Y.XmlElement && block.length > 1) return occurrencesIn(block, needle);
	if (items.length > manyItems) return occurrencesIn(text, needle);
	return items.flatMap((item) => {
		const runs = runsAround(item, needle.length);
		const whole = runs.map((run) => run.text).join('');
		return indexesOf(whole, needle).flatMap((at) => spansOf(runs, at, at + needle.length));
	});
}

/** An item that is text, and as many characters before and after it, as they can be read. */
function runsAround(item: Y.Item, reach: number): Run[] {
	let first = item;
	for (let left = reach; left > 0 && first.left; first = first.left) {
		left -= textOf(first.left).length;
	}
	const runs: Run[] = [];
	let isBehind = false;
	let left = reach;
	for (let at: Y.Item | null = first; at && left > 0; at = at.right) {
		const text = textOf(at);
		if (text !== '') runs.push({ text, id: at.id });
		if (isBehind) left -= text.length;
		isBehind ||= at === item;
	}
	return runs;
}

function textOf({ content, deleted }: Y.Item): string {
	return !deleted && content instanceof Y.ContentString ? content.str : '';
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
