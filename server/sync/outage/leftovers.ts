import type { DocumentId } from '#core/ids.ts';
import type { Edit } from '#core/incident/turn.ts';
import { Refusal } from '#core/refusal.ts';
import type { Logger } from '#server/log.ts';
import type { Clock } from '../clock.ts';
import { judge } from '../gate/judge.ts';
import { Malformed } from '../gate/reader.ts';
import { contradicts } from '../gate/sameness.ts';
import { scanUpdate } from '../gate/scan.ts';
import type { HotDocument } from '../hot.ts';
import type { Journal } from '../journal.ts';
import { pendingTurn } from '../turn/pending.ts';
import type { Backlog, Backlogs } from './backlog.ts';
import { Outage } from './outage.ts';

export interface LeftoversParts {
	readonly journal: Pick<Journal, 'find'>;
	readonly backlogs: Backlogs;
	readonly clock: Clock;
	readonly log: Logger;
}

/**
 * What an earlier run showed but could not save, as an outage that is about to end; null if there is
 * nothing. It is applied as far as it still fits: people may have brought it to another node
 * meanwhile, or something else may stand in its place, and then it is set aside.
 */
export async function readLeftovers(
	parts: LeftoversParts,
	document: DocumentId,
	hot: HotDocument,
): Promise<Outage | null> {
	const files = (await parts.backlogs.find()).get(document) ?? [];
	const [first, ...others] = files;
	if (!first) return null;
	const outage = new Outage(parts, first, others);
	for (const file of files) await takeFile(parts, { document, hot, outage, file });
	return outage;
}

async function takeFile(
	{ journal, log }: LeftoversParts,
	into: { document: DocumentId; hot: HotDocument; outage: Outage; file: Backlog },
): Promise<void> {
	const { document, hot, outage, file } = into;
	for (const { nonce, parts: edits } of await file.read()) {
		if (await journal.find(document, nonce)) continue;
		const { parts, aside } = takeTurn(hot, edits);
		if (parts.length === 0 && aside.length === 0) continue;
		outage.addKept(pendingTurn({ nonce, parts, aside }));
		if (aside.length === 0) continue;
		outage.keepAside(file);
		log.warn({ document, file: file.name, edits: aside.length }, 'unsaved edits are set aside');
	}
}

/** What of a turn is new and was applied, and what fits no more. */
function takeTurn(
	hot: HotDocument,
	edits: readonly Edit[],
): { parts: readonly Edit[]; aside: readonly Edit[] } {
	const parts: Edit[] = [];
	const aside: Edit[] = [];
	for (const edit of edits) {
		try {
			parts.push(...takeEdit(hot, edit));
		} catch (error) {
			if (!(error instanceof Refusal || error instanceof Malformed)) throw error;
			aside.push(edit);
		}
	}
	return { parts, aside };
}

/** The edit as it was applied; none if all of it is there. Throws if it does not fit. */
function takeEdit(hot: HotDocument, edit: Edit): readonly Edit[] {
	const { bytes, person } = edit;
	const scan = scanUpdate(bytes);
	if (contradicts(hot.doc.store, bytes, scan.blocks)) throw doesNotFit();
	const verdict = judge(hot, { person, kind: 'update', readOnly: null, bytes, scan });
	if (verdict.verdict === 'hold') throw doesNotFit();
	if (verdict.verdict === 'nothing') return [];
	hot.apply([verdict.bytes]);
	for (const client of verdict.clients) hot.clients.set(client, person);
	return [{ ...edit, bytes: verdict.bytes }];
}

function doesNotFit(): Refusal {
	return new Refusal('conflict', 'Something else is in its place.');
}
