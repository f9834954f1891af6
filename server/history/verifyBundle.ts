import { kindOf, type DocumentId, type DocumentKind } from '#core/ids.ts';
import { historyFile } from '#core/review/export/bundleFiles.ts';
import { Refusal } from '#core/refusal.ts';
import type { KnownHead } from './knownHeads.ts';
import { historiesOf, openBundle, type BundledHistory } from './openBundle.ts';
import { verifyHistory, type Verdict } from './verify.ts';

/** What is known of a history in a bundle; without a number where that does not say of which incident it is. */
export interface BundleVerdict {
	readonly number: number | null;
	readonly kind: DocumentKind;
	readonly verdict: Verdict;
}

/** Verifies the histories of a bundle by itself, without any store or server. */
export async function verifyBundle(
	archive: Uint8Array,
	knownOf: (document: DocumentId) => readonly KnownHead[],
): Promise<readonly BundleVerdict[]> {
	try {
		const bundle = await openBundle(archive);
		const { number } = bundle.manifest.incident;
		const verdicts: BundleVerdict[] = [];
		for (const history of historiesOf(bundle)) {
			const verdict = await verdictOf(history, knownOf);
			verdicts.push({ number, kind: kindOf(history.document), verdict });
		}
		return verdicts;
	} catch (error) {
		if (!(error instanceof Refusal)) throw error;
		const { message } = error;
		const verdict = { verdict: 'broken', turn: firstTurnIn(message), what: message } as const;
		return [{ number: null, kind: 'room', verdict }];
	}
}

function verdictOf(
	{ document, claim, turns }: BundledHistory,
	knownOf: (document: DocumentId) => readonly KnownHead[],
): Promise<Verdict> {
	const end = { turn: claim.turns, head: Buffer.from(claim.head, 'hex') };
	const known = knownOf(document);
	return verifyHistory({ document, turns, end, passed: claim.passed, known });
}

/** The turn that a sentence names, the first one of the first file; null where it is about another file or the whole. */
function firstTurnIn(sentence: string): number | null {
	const turn = /\bTurn (\d+)\b/.exec(sentence)?.[1];
	if (turn !== undefined) return Number(turn);
	return [historyFile(0), historyFile(0, 'retro')].some((name) => sentence.includes(name))
		? 1
		: null;
}
