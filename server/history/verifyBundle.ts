import { roomDocumentOf, type DocumentId } from '#core/ids.ts';
import { historyFile } from '#core/review/export/manifest.ts';
import { Refusal } from '#core/refusal.ts';
import type { KnownHead } from './knownHeads.ts';
import { openBundle } from './openBundle.ts';
import { verifyHistory, type Verdict } from './verify.ts';

/** What is known of a bundle's history; without a number where it does not say of which incident it is. */
export interface BundleVerdict {
	readonly number: number | null;
	readonly verdict: Verdict;
}

/** Verifies a bundle by itself, without any store or server. */
export async function verifyBundle(
	archive: Uint8Array,
	knownOf: (document: DocumentId) => readonly KnownHead[],
): Promise<BundleVerdict> {
	try {
		const { manifest, turns } = await openBundle(archive);
		const { incident, passed } = manifest;
		const end = { turn: manifest.turns, head: Buffer.from(manifest.head, 'hex') };
		const document = roomDocumentOf(incident.id);
		const known = knownOf(document);
		const verdict = await verifyHistory({ document, turns, end, passed, known });
		return { number: incident.number, verdict };
	} catch (error) {
		if (!(error instanceof Refusal)) throw error;
		const { message } = error;
		return {
			number: null,
			verdict: { verdict: 'broken', turn: firstTurnIn(message), what: message },
		};
	}
}

/** The turn that a sentence names, the first one of the first file; null where it is about another file or the whole. */
function firstTurnIn(sentence: string): number | null {
	const turn = /\bTurn (\d+)\b/.exec(sentence)?.[1];
	if (turn !== undefined) return Number(turn);
	return sentence.includes(historyFile(0)) ? 1 : null;
}
