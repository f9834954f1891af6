import type { Sql } from 'postgres';
import * as Y from 'yjs';
import type { DocumentId } from '#core/ids.ts';
import { createDocument } from '#core/incident/document.ts';
import { Refusal } from '#core/refusal.ts';
import { readRetro, type Retro } from '#core/retro/reading.ts';
import type { Opening } from '#server/opening/opening.ts';
import type { Workbench } from '#server/opening/workshop.ts';
import { findTurnAt } from '#server/storage/places.ts';
import type { Few } from './few.ts';

export interface RetroMomentParts {
	readonly sql: Sql;
	readonly opening: Pick<Opening, 'version'>;
	readonly workbench: Pick<Workbench, 'advance'>;
	/** How many moments are read at a time. */
	readonly few: Few;
}

/**
 * Reads a retrospective as it was at an instant (epoch ms), after which turn that is. Throws a `Refusal`
 * where there was none yet, or where it cannot be opened.
 */
export async function readRetroAt(
	{ sql, opening, workbench, few }: RetroMomentParts,
	document: DocumentId,
	at: number,
): Promise<{ readonly turn: number; readonly retro: Retro }> {
	const turn = await findTurnAt(sql, document, at * 1_000 + 999);
	if (turn === 0) throw new Refusal('invalid', 'It was not begun yet then.', 't');
	return few.run(async () => {
		const state = await workbench.advance(await opening.version(document, turn));
		if (!state) throw new Refusal('conflict', 'This version cannot be opened.', 't');
		const doc = createDocument('follower');
		Y.applyUpdateV2(doc, state);
		const retro = readRetro(doc);
		doc.destroy();
		return { turn, retro };
	});
}
