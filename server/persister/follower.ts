import { setImmediate as nextRound } from 'node:timers/promises';
import type { Sql } from 'postgres';
import * as Y from 'yjs';
import type { DocumentId } from '#core/ids.ts';
import { createDocument, recordOf } from '#core/incident/document.ts';
import { epochMs } from '#core/time.ts';
import { limits } from '#server/limits.ts';
import type { Checkpoint } from '#server/storage/checkpoints.ts';
import { readTurns, type JournalRow } from '#server/storage/history.ts';

/** Where a follower stands after some more turns. */
export interface Step {
	readonly turn: number;
	/** The chain's head after this turn. */
	readonly head: Uint8Array;
	/** This very turn closed the incident, or published its retrospective. */
	readonly isClosing: boolean;
	/** Turns before it are passed over or rewritten since then. */
	readonly changesPast: boolean;
	/** Turns of which these say that somebody deleted much in them. */
	readonly deletions: readonly number[];
}

/** A checkpoint to begin at, and its turn's instant in microseconds. */
type Begin = Checkpoint & { readonly at: number };

const blockEdits = 500;

/**
 * A document made from its journal alone, never from a room: a checkpoint and the turns after it.
 * It knows when the next checkpoint is due.
 */
export class Follower implements Disposable {
	readonly document: DocumentId;
	readonly doc = createDocument('follower');
	turn = 0;
	/** The instant of that turn, in epoch ms. */
	at = 0;
	#edits = 0;
	/** The newest checkpoint, and how many bytes of edits came since. */
	#kept = { turn: 0, edits: 0, bytes: 0 };
	#grown = 0;

	/** Begins at a checkpoint, or before the first turn. */
	static open(document: DocumentId, checkpoint: Begin | null): Follower {
		const follower = new Follower(document);
		if (checkpoint) {
			const { turn, edits, at, state } = checkpoint;
			follower.#change(() => Y.applyUpdateV2(follower.doc, state));
			follower.turn = turn;
			follower.at = epochMs(at);
			follower.#edits = edits;
			follower.#kept = { turn, edits, bytes: state.length };
		}
		return follower;
	}

	private constructor(document: DocumentId) {
		this.document = document;
	}

	/**
	 * Follows the journal to its end or to a turn, a step for every block of turns. A turn in which the server
	 * wrote facts ends a step, so that the state after exactly that turn can be kept.
	 */
	async *advance(sql: Sql, upTo = Infinity): AsyncGenerator<Step> {
		let block: JournalRow[] = [];
		let edits = 0;
		for await (const row of readTurns(sql, this.document, this.turn)) {
			if (row.turn > upTo) break;
			block.push(row);
			edits += row.edits.length;
			const mayDecide = row.edits.some(({ kind }) => kind !== 'edit');
			if (!mayDecide && edits < blockEdits) continue;
			yield this.#take(block);
			block = [];
			edits = 0;
			await nextRound();
		}
		if (block.length > 0) yield this.#take(block);
	}

	/** Whether enough has come since the last checkpoint; a large document's are further apart. */
	get isCheckpointDue(): boolean {
		const isMuch =
			this.#edits - this.#kept.edits >= limits.checkpointEdits ||
			this.#grown >= limits.checkpointBytes;
		return isMuch && this.#grown * 16 >= this.#kept.bytes;
	}

	/** Whether anything at all has come since the last checkpoint. */
	get hasMoved(): boolean {
		return this.turn > this.#kept.turn;
	}

	encode(): Checkpoint {
		const state = Y.encodeStateAsUpdateV2(this.doc);
		return { turn: this.turn, edits: this.#edits, state };
	}

	/** The checkpoint is in the store. */
	kept({ turn, edits, state }: Checkpoint): void {
		this.#kept = { turn, edits, bytes: state.length };
		this.#grown = 0;
	}

	#take(rows: readonly JournalRow[]): Step {
		const last = rows.at(-1);
		if (!last || last.turn !== this.turn + rows.length) {
			throw new Error(`The journal has a gap after turn ${this.turn}.`);
		}
		const record = recordOf(this.doc);
		const before = record.length;
		const edits = rows.flatMap((row) => row.edits);
		this.#change(() => {
			for (const { bytes } of edits) Y.applyUpdate(this.doc, bytes);
		});
		this.turn = last.turn;
		this.at = epochMs(last.at);
		this.#edits += edits.length;
		this.#grown += edits.reduce((sum, { bytes }) => sum + bytes.length, 0);
		const added = record.slice(before);
		return {
			turn: last.turn,
			head: last.head,
			isClosing: added.some(isClosingFact),
			changesPast: added.some(changesPast),
			deletions: added.flatMap(deletionIn),
		};
	}

	#change(run: () => void): void {
		this.doc.transact(run);
		if (this.doc.store.pendingStructs || this.doc.store.pendingDs) {
			throw new Error(`An edit before turn ${this.turn} is missing.`);
		}
	}

	[Symbol.dispose](): void {
		this.doc.destroy();
	}
}

function deletionIn(item: unknown): number[] {
	if (typeof item !== 'object' || item === null || !('kind' in item)) return [];
	const turn = item.kind === 'deleted' && 'turn' in item ? item.turn : null;
	return typeof turn === 'number' ? [turn] : [];
}

function isClosingFact(item: unknown): boolean {
	if (typeof item !== 'object' || item === null || !('kind' in item)) return false;
	if (item.kind === 'published') return true;
	return item.kind === 'status' && 'status' in item && item.status === 'closed';
}

function changesPast(item: unknown): boolean {
	if (typeof item !== 'object' || item === null || !('kind' in item)) return false;
	return item.kind === 'removed' || (item.kind === 'restored' && 'leftOut' in item);
}
