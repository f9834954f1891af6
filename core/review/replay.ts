import * as Y from 'yjs';
import { createDocument } from '../incident/document.ts';
import type { HistoryTurn } from '../incident/history.ts';
import { epochMs } from '../time.ts';

/** A document's state after a turn, from which later turns are reached soon. */
interface KeyFrame {
	/** How many of the turns it holds. */
	readonly turns: number;
	/** Yjs V2. */
	readonly state: Uint8Array;
}

const kib = 1_024;
const editsBetweenFrames = 1_000;
const bytesBetweenFrames = 256 * kib;
const mostFrames = 50;
/** What key frames may take together; more than that, and every second one goes. */
const mostFrameBytes = 64 * kib * kib;

/**
 * A history that can be shown as it was at the end of any turn. Turns are added in order, from the
 * first on, also while it is being shown. Instants are epoch ms.
 */
export class Replay implements Disposable {
	readonly turns: HistoryTurn[] = [];
	#frames: KeyFrame[] = [];
	/** How many times as far apart key frames are as they would be in a short history. */
	#spacing = 1;
	/** After all turns: key frames are taken from it. */
	readonly #front = createDocument('follower');
	#inFront = 0;
	#edits = 0;
	#editsSince = 0;
	#bytesSince = 0;
	/** What was shown last; what comes soon after it is reached from there. */
	#shown: { doc: Y.Doc; turns: number } = { doc: createDocument('follower'), turns: 0 };

	/** Adds the next turns. Throws if they are not the next ones, or build on something that is missing. */
	add(turns: readonly HistoryTurn[]): void {
		for (const turn of turns) {
			if (turn.turn !== this.turns.length + 1) throw new Error('Turns that are not the next ones.');
			this.turns.push(turn);
			this.#edits += turn.edits.length;
			this.#editsSince += turn.edits.length;
			this.#bytesSince += sizeOf(turn);
			if (this.#isFrameDue) this.#keepFrame();
		}
		this.#advanceFront();
	}

	/** The longer the history, the further apart: a state takes longer to write then, too. */
	get #isFrameDue(): boolean {
		const edits = Math.max(editsBetweenFrames, this.#edits / mostFrames);
		return (
			this.#editsSince >= this.#spacing * edits ||
			this.#bytesSince >= this.#spacing * bytesBetweenFrames
		);
	}

	#keepFrame(): void {
		this.#advanceFront();
		const state = Y.encodeStateAsUpdateV2(this.#front);
		this.#frames.push({ turns: this.turns.length, state });
		this.#editsSince = 0;
		this.#bytesSince = 0;
		const bytes = this.#frames.reduce((sum, frame) => sum + frame.state.length, 0);
		if (bytes <= mostFrameBytes || this.#frames.length < 4) return;
		this.#frames = this.#frames.filter((_, i) => i % 2 === 1);
		this.#spacing *= 2;
	}

	#advanceFront(): void {
		apply(this.#front, this.turns.slice(this.#inFront));
		this.#inFront = this.turns.length;
	}

	/** How many turns there are. */
	get length(): number {
		return this.turns.length;
	}

	/** The last turn that was committed by an instant, to the millisecond; 0 before the first one. */
	turnAt(at: number): number {
		let low = 0;
		let high = this.turns.length;
		while (low < high) {
			const middle = (low + high) >> 1;
			if (epochMs(this.turns[middle]?.at ?? 0) <= at) low = middle + 1;
			else high = middle;
		}
		return low;
	}

	/** When a turn was committed; before the first one, that of the first. */
	timeOf(turn: number): number {
		return epochMs(this.turns[Math.max(0, turn - 1)]?.at ?? 0);
	}

	/** The document after all turns. It must not be changed, and changes with every turn that is added. */
	get latest(): Y.Doc {
		return this.#front;
	}

	/** The document at the end of a turn, 0 for an empty one. It must not be changed, and lasts until the next call. */
	documentAt(turn: number): Y.Doc {
		if (turn >= this.turns.length) return this.#front;
		const frame = this.#frames.findLast(({ turns }) => turns <= turn);
		const isNear = this.#shown.turns <= turn && this.#shown.turns >= (frame?.turns ?? 0);
		if (!isNear) {
			this.#shown.doc.destroy();
			this.#shown = { doc: createDocument('follower'), turns: frame?.turns ?? 0 };
			if (frame) Y.applyUpdateV2(this.#shown.doc, frame.state);
		}
		apply(this.#shown.doc, this.turns.slice(this.#shown.turns, turn));
		this.#shown.turns = turn;
		return this.#shown.doc;
	}

	[Symbol.dispose](): void {
		this.#front.destroy();
		this.#shown.doc.destroy();
	}
}

/** All at once: observers run once, and Yjs tidies up once. */
function apply(doc: Y.Doc, turns: readonly HistoryTurn[]): void {
	doc.transact(() => {
		for (const { edits } of turns) for (const { bytes } of edits) Y.applyUpdate(doc, bytes);
	});
	if (doc.store.pendingStructs || doc.store.pendingDs) {
		throw new Error('A turn builds on something that is missing.');
	}
}

function sizeOf({ edits }: HistoryTurn): number {
	return edits.reduce((sum, { bytes }) => sum + bytes.length, 0);
}
