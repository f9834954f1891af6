import * as Y from 'yjs';
import type { PersonId } from '../ids.ts';
import { notesOf } from '../incident/document.ts';
import type { HistoryTurn } from '../incident/history.ts';
import { epochMs } from '../time.ts';

/** Who wrote something, in which turn, and when that was committed (epoch ms). */
export interface Author {
	readonly person: PersonId;
	readonly turn: number;
	readonly at: number;
}

/** A piece of text that one person wrote in one go. */
export interface Passage extends Author {
	readonly text: string;
}

interface Range extends Author {
	/** The first clock; it reaches to the next range of the same client. */
	readonly from: number;
}

/** One person's keystrokes that follow each other sooner than this are one passage. */
const pauseMs = 60_000;

/**
 * Who wrote which structs of a document: a client's clocks, from which edit to which. The server
 * writes for many people under one client id, so the edit counts, not the client.
 */
export class Authors {
	readonly #ranges = new Map<number, { readonly list: Range[]; end: number }>();

	/** Takes note of further turns, in order. */
	add(turns: readonly HistoryTurn[]): void {
		for (const { turn, at, edits } of turns) {
			for (const { person, bytes } of edits)
				this.#addEdit(bytes, { person, turn, at: epochMs(at) });
		}
	}

	#addEdit(update: Uint8Array, author: Author): void {
		const { from, to } = Y.parseUpdateMeta(update);
		for (const [client, start] of from) {
			const ranges = this.#rangesOf(client);
			const end = to.get(client) ?? start;
			// What an earlier edit brought already stays that one's.
			if (end > ranges.end) ranges.list.push({ ...author, from: Math.max(start, ranges.end) });
			ranges.end = Math.max(end, ranges.end);
		}
	}

	/** Who wrote the struct at a place; null for what is in no turn. */
	of({ client, clock }: Y.ID): Author | null {
		const ranges = this.#ranges.get(client);
		return ranges?.list[countUpTo(ranges.list, clock) - 1] ?? null;
	}

	/** Where the next range of the same client begins after this place. */
	#nextAfter({ client, clock }: Y.ID): number {
		const list = this.#ranges.get(client)?.list ?? [];
		return list[countUpTo(list, clock)]?.from ?? Infinity;
	}

	#rangesOf(client: number): { readonly list: Range[]; end: number } {
		const known = this.#ranges.get(client);
		if (known) return known;
		const ranges = { list: [], end: 0 };
		this.#ranges.set(client, ranges);
		return ranges;
	}

	/** A shared text as passages, in its order. */
	passagesOf(text: Y.Text): Passage[] {
		const passages: Passage[] = [];
		for (let item = text._start; item; item = item.right) {
			if (item.deleted || !(item.content instanceof Y.ContentString)) continue;
			this.#addItem(passages, item.id, item.content.str);
		}
		return passages;
	}

	/** Yjs joins what one client typed: an item may hold many edits. */
	#addItem(passages: Passage[], { client, clock }: Y.ID, str: string): void {
		for (let done = 0; done < str.length;) {
			const place = Y.createID(client, clock + done);
			const length = Math.min(str.length - done, this.#nextAfter(place) - place.clock);
			const author = this.of(place);
			if (author) addPassage(passages, { ...author, text: str.slice(done, done + length) });
			done += length;
		}
	}

	/** The notes, block by block, each with its passages; blocks without text are left out. */
	passagesOfNotes(doc: Y.Doc): Passage[][] {
		const blocks: Passage[][] = [];
		for (const node of notesOf(doc).createTreeWalker(() => true)) {
			if (!(node instanceof Y.XmlText)) continue;
			const passages = this.passagesOf(node);
			if (passages.length > 0) blocks.push(passages);
		}
		return blocks;
	}
}

/** How many ranges begin at this clock or before it. */
function countUpTo(ranges: readonly Range[], clock: number): number {
	let low = 0;
	let high = ranges.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((ranges[middle]?.from ?? 0) <= clock) low = middle + 1;
		else high = middle;
	}
	return low;
}

function addPassage(passages: Passage[], next: Passage): void {
	const last = passages.at(-1);
	const isSameGo = last?.person === next.person && Math.abs(next.at - last.at) <= pauseMs;
	if (last && isSameGo) passages[passages.length - 1] = { ...last, text: last.text + next.text };
	else passages.push(next);
}
