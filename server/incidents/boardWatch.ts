import type { ISql } from 'postgres';
import type { IncidentId } from '#core/ids.ts';
import { limits } from '#server/limits.ts';
import type { Logger } from '#server/log.ts';
import { Lookout } from '#server/persister/lookout.ts';
import { readProjectedLately } from '#server/storage/projection.ts';

/** The board as this node's people watch it. */
export interface WatchedBoard {
	readonly isBoardWatched: boolean;
	boardTouchedHere(incident: IncidentId): void;
}

/**
 * Tells a watched board what any process has projected, this one or another. It looks back for a while:
 * what is committed late has an early time, and whoever begins to watch has read the board before.
 */
export class BoardWatch implements AsyncDisposable {
	readonly #sql: ISql;
	readonly #board: WatchedBoard;
	readonly #lookout = new Lookout(() => this.#look());
	/** What was told of lately, each with when it was projected. */
	#told = new Map<IncidentId, string>();

	constructor(sql: ISql, board: WatchedBoard) {
		this.#sql = sql;
		this.#board = board;
	}

	/** Begins to look. */
	start(log: Logger): void {
		void this.#lookout.start(limits.pollMs, log.child({ part: 'board' }));
	}

	async #look(): Promise<void> {
		if (!this.#board.isBoardWatched) return this.#told.clear();
		const lately = await readProjectedLately(this.#sql, limits.boardRecentMs);
		for (const { incident, at } of lately) {
			if (this.#told.get(incident) !== at) this.#board.boardTouchedHere(incident);
		}
		this.#told = new Map(lately.map(({ incident, at }) => [incident, at]));
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#lookout.end();
	}
}
