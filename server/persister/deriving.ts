import { setTimeout as pause } from 'node:timers/promises';
import type { ISql } from 'postgres';
import type { DocumentId } from '#core/ids.ts';
import { limits } from '#server/limits.ts';
import { readPlace } from '#server/storage/documents.ts';
import { isProjected } from '#server/storage/projection.ts';
import type { TurnNotice } from '#server/sync/notice.ts';

/** What a node needs of whoever derives from the journal what lists show, in this process or in another. */
export interface Deriving extends AsyncDisposable {
	start(): Promise<void>;
	/** Takes note of a turn. */
	heard(turn: Pick<TurnNotice, 'document' | 'facts' | 'isElsewhere'>): void;
	/** Waits until lists show what is committed now, or for so long as an answer may wait. */
	caughtUp(document: DocumentId): Promise<void>;
	/** A room is let go here. */
	unloaded(document: DocumentId): void;
}

/** Waits until lists show what is committed now, at most so many ms. */
export async function untilProjected(
	sql: ISql,
	document: DocumentId,
	withinMs: number,
): Promise<void> {
	const end = performance.now() + withinMs;
	const turn = (await readPlace(sql, document))?.turn ?? 0;
	while (performance.now() < end && !(await isProjected(sql, document, turn))) {
		await pause(limits.projectedPollMs);
	}
}
