import * as Y from 'yjs';
import {
	createDocument,
	entriesOf,
	findingsOf,
	notesOf,
	recordOf,
	reportOf,
	tasksOf,
} from '../incident/document.ts';
import { entryKinds } from '../incident/entries.ts';
import { isCauseKey } from '../retro/flags.ts';
import { removedParts, type RemovedPart } from '../incident/parts.ts';
import { charactersOf, fieldsOf, homeOf, itemAt, rootNameOf, valuesUnder } from './items.ts';
import { needleOf, removedMark, type Found, type Replaced, type Wanted } from './removal.ts';
import { searchRecord } from './searchRecord.ts';
import { Spans, type Span } from './spans.ts';
import { Strokes } from './strokes.ts';
import { occurrencesAround, occurrencesIn } from './texts.ts';
import { touchedBy } from './touched.ts';

/**
 * Looks through a history for what is to be removed: in every text after every edit, in what people
 * typed at one stretch, in marks, fields and facts, and in all that was ever deleted.
 */
export class Search {
	readonly #doc = createDocument('follower');
	readonly #wanted: Wanted;
	readonly #needle: string | null;
	readonly #spans = new Spans();
	readonly #strokes = new Strokes();
	/** A line of what has several stood in rich text by now. */
	#isLineThere = false;

	constructor(wanted: Wanted) {
		this.#wanted = wanted;
		this.#needle = 'text' in wanted ? needleOf(wanted.text) : null;
		this.#doc.gc = false;
		this.#doc.on('afterTransaction', (transaction) => this.#look(transaction));
	}

	/** Takes the next edit. Throws what Yjs throws. */
	take(update: Uint8Array): void {
		this.note(update);
		Y.applyUpdate(this.#doc, update);
	}

	/** Takes an edit that is passed over: what it says is looked at, and is in no document. */
	note(update: Uint8Array): void {
		this.#strokes.note(Y.decodeUpdate(update).structs);
	}

	/** What was found in all edits together. */
	end(): Found {
		const values = this.#fields();
		for (const span of this.#written()) this.#spans.add(span);
		const spans = this.#spans.list();
		const parts = new Set([...spans, ...values].flatMap((one) => this.#partOf(one)));
		const hit = this.#entriesOf(spans);
		const facts = searchRecord(recordOf(this.#doc), this.#wanted, hit);
		if (facts.some(({ isTold }) => isTold)) parts.add('record');
		this.#doc.destroy();
		return {
			spans,
			values: [...values, ...facts.map(({ client, clock, value }) => ({ client, clock, value }))],
			parts: removedParts.filter((part) => parts.has(part)),
		};
	}

	#look(transaction: Y.Transaction): void {
		const needle = this.#needle;
		if (needle === null) return;
		const touched = touchedBy(transaction);
		const lines = needle.split('\n');
		const longest = lines.reduce((a, b) => (b.length > a.length ? b : a));
		for (const [text, items] of touched) {
			for (const span of occurrencesAround(text, items, needle)) this.#spans.add(span);
			const mayStandInLines = lines.length > 1 && text instanceof Y.XmlText;
			if (mayStandInLines && !this.#isLineThere) {
				this.#isLineThere = occurrencesAround(text, items, longest).length > 0;
			}
		}
		// Several lines stand in several blocks; taking away what is between those brings them together.
		if (!this.#isLineThere || !hasRichTextChanged(transaction)) return;
		for (const rich of [notesOf(this.#doc), reportOf(this.#doc)]) {
			for (const span of occurrencesIn(rich, needle)) this.#spans.add(span);
		}
	}

	/** What is to be found apart from how it read: at one stretch, as marks, or as the words of one thing. */
	#written(): readonly Span[] {
		if (this.#needle !== null) {
			return [...this.#strokes.find(this.#needle), ...marksWith(this.#doc, this.#needle)];
		}
		const wanted = this.#wanted;
		const texts =
			'entry' in wanted
				? valuesUnder(fieldsOf(entriesOf(this.#doc), wanted.entry), 'text')
				: 'task' in wanted
					? valuesUnder(fieldsOf(tasksOf(this.#doc), wanted.task), 'title')
					: [];
		return texts.flatMap(({ content }) => {
			return content instanceof Y.ContentType && content.type instanceof Y.Text
				? charactersOf(content.type)
				: [];
		});
	}

	/** Fields of entries in which people write freely. */
	#fields(): Replaced[] {
		const wanted = this.#wanted;
		if ('entry' in wanted) {
			const actors = valuesUnder(fieldsOf(entriesOf(this.#doc), wanted.entry), 'actors');
			return actors.flatMap((item) => replacedIn(item, () => removedMark));
		}
		const needle = this.#needle;
		if (needle === null) return [];
		const entries = [...entriesOf(this.#doc)._map.keys()];
		const marked = (item: Y.Item) =>
			replacedIn(item, (text) => text.replaceAll(needle, removedMark));
		return entries
			.flatMap((id) => fieldsOf(entriesOf(this.#doc), id))
			.flatMap((fields) => [
				...valuesUnder([fields], 'actors').flatMap(marked),
				// A kind is one word, and the words of Muster are nobody's secret.
				...valuesUnder([fields], 'kind').flatMap((item) =>
					replacedIn(item, (text) => {
						return text.includes(needle) && !Object.hasOwn(entryKinds, text) ? 'note' : text;
					}),
				),
			])
			.concat(this.#causes().flatMap(marked));
	}

	/** The names of causes, which people may invent. */
	#causes(): readonly Y.Item[] {
		const findings = findingsOf(this.#doc);
		return [...findings._map.keys()]
			.flatMap((id) => fieldsOf(findings, id))
			.flatMap((fields) => {
				const keys = [...fields._map.keys()].filter(isCauseKey);
				return keys.flatMap((key) => valuesUnder([fields], key));
			});
	}

	#partOf({ client, clock }: Pick<Span, 'client' | 'clock'>): RemovedPart[] {
		const item = itemAt(this.#doc, client, clock);
		const name = item && rootNameOf(item);
		return removedParts.filter((part) => part === name);
	}

	#entriesOf(spans: readonly Span[]): ReadonlySet<string> {
		const ids = spans.flatMap(({ client, clock }) => {
			for (let item = itemAt(this.#doc, client, clock); item; item = homeOf(item)) {
				const isEntry = item.parentSub !== null && item.parent === entriesOf(this.#doc);
				if (isEntry && item.parentSub) return [item.parentSub];
			}
			return [];
		});
		return new Set(ids);
	}
}

function hasRichTextChanged({ changed }: Y.Transaction): boolean {
	const types: unknown[] = [...changed.keys()];
	return types.some((type) => type instanceof Y.XmlFragment || type instanceof Y.XmlText);
}

/** Marks and other things that are no text and hold this one: the address of a link. */
function marksWith(doc: Y.Doc, needle: string): Span[] {
	const marks: Span[] = [];
	for (const structs of doc.store.clients.values()) {
		for (const struct of structs) {
			if (!(struct instanceof Y.Item)) continue;
			const { content, id, length } = struct;
			const isMark = content instanceof Y.ContentFormat || content instanceof Y.ContentEmbed;
			const value = content instanceof Y.ContentFormat ? content.value : null;
			const held = content instanceof Y.ContentEmbed ? content.embed : value;
			if (isMark && holds(held, needle)) marks.push({ ...id, length });
		}
	}
	return marks;
}

function holds(value: unknown, needle: string): boolean {
	if (typeof value === 'string') return value.includes(needle);
	if (typeof value !== 'object' || value === null) return false;
	return Object.values(value).some((part) => holds(part, needle));
}

function replacedIn({ content, id }: Y.Item, change: (text: string) => string): Replaced[] {
	if (!(content instanceof Y.ContentAny)) return [];
	return content.arr.flatMap((text: unknown, i) => {
		const value = typeof text === 'string' ? change(text) : text;
		return value === text ? [] : [{ client: id.client, clock: id.clock + i, value }];
	});
}
