import { setImmediate as nextRound } from 'node:timers/promises';
import { kindOf, type DocumentId } from '#core/ids.ts';
import { journalBytes, type HistoryTurn, type Proof } from '#core/incident/history.ts';
import { digestOf, firstHead, headAfter } from '#server/storage/chain.ts';
import { UnreadableTurn } from '#server/storage/history.ts';
import { Broken, sameBytes } from './broken.ts';
import { KnownHeads, type KnownHead } from './knownHeads.ts';
import { Replayed, type KeptState } from './replayed.ts';

/** A turn as it is kept: a digest and a head are compared with what they must be. */
export interface WitnessedTurn extends HistoryTurn {
	readonly proof: Proof;
	readonly digest?: Uint8Array;
	readonly head?: Uint8Array;
}

/** What there is of a document's history, and what it is compared with. */
export interface Evidence {
	readonly document: DocumentId;
	readonly turns: AsyncIterable<WitnessedTurn> | Iterable<WitnessedTurn>;
	/** What is kept of the document after some turns, in their order. */
	readonly states?: AsyncIterable<KeptState> | Iterable<KeptState>;
	/** Stretches of turns that are passed over. */
	readonly passed?: readonly { readonly from: number; readonly to: number }[];
	/** Where the history is said to end. */
	readonly end?: { readonly turn: number; readonly head: Uint8Array };
	/** Heads that somebody else has kept. */
	readonly known?: readonly KnownHead[];
}

/** What a history that fits itself consists of. */
export interface Extent {
	readonly turns: number;
	/** The chain's head after the last turn. */
	readonly head: Uint8Array;
	/** How many states of the document were derived anew. */
	readonly states: number;
	/** Turns of which something was removed: what is left of them cannot be proven. */
	readonly removed: number;
	/** Turns that could not be opened and are passed over. */
	readonly passed: number;
}

/**
 * What is known of a history: that it fits itself; that it is the very one, up to a turn whose head
 * somebody else had kept; or which turn is the first that does not fit, and what (null: the whole).
 */
export type Verdict =
	| ({ readonly verdict: 'consistent' } & Extent)
	| ({ readonly verdict: 'authentic'; readonly upTo: number } & Extent)
	| { readonly verdict: 'broken'; readonly turn: number | null; readonly what: string };

/**
 * Walks a history from its first turn: the chain of digests and heads, times and numbers, and the
 * document that the turns make, with which every kept state is compared.
 */
export async function verifyHistory(evidence: Evidence): Promise<Verdict> {
	try {
		return await walk(evidence);
	} catch (error) {
		if (error instanceof Broken)
			return { verdict: 'broken', turn: error.turn, what: error.message };
		if (!(error instanceof UnreadableTurn)) throw error;
		const what = error.cause instanceof Error ? error.cause.message : error.message;
		return { verdict: 'broken', turn: error.turn, what };
	}
}

async function walk(evidence: Evidence): Promise<Verdict> {
	const { document, turns, passed = [], states = [], known = [] } = evidence;
	const heads = new KnownHeads(known);
	using replayed = new Replayed(kindOf(document), states);
	let last = { turn: 0, at: 0, head: firstHead(document) };
	let passedTurns = 0;
	const saltless: number[] = [];
	for await (const turn of turns) {
		last = { turn: turn.turn, at: turn.at, head: follow(last, turn) };
		heads.meet(last);
		const isPassed = passed.some(({ from, to }) => from <= turn.turn && turn.turn <= to);
		if (isPassed) passedTurns += 1;
		else replayed.apply(turn);
		if (turn.proof.salt === null) saltless.push(turn.turn);
		await replayed.compare(last);
		if (turn.turn % 500 === 0) await nextRound();
	}
	refuseEnd(last, evidence.end);
	await replayed.end(last.turn);
	refuseSaltless(saltless, replayed);
	const { turn, head } = last;
	const removed = saltless.length;
	const extent = { turns: turn, head, states: replayed.compared, removed, passed: passedTurns };
	const upTo = heads.end(turn);
	return upTo === null
		? { verdict: 'consistent', ...extent }
		: { verdict: 'authentic', upTo, ...extent };
}

/** The chain's head after a turn that follows another. */
function follow(
	last: { turn: number; at: number; head: Uint8Array },
	turn: WitnessedTurn,
): Uint8Array {
	if (turn.turn !== last.turn + 1) throw new Broken(last.turn + 1, 'It is missing.');
	if (turn.at < last.at) throw new Broken(turn.turn, 'It is earlier than the turn before it.');
	const digest = digestOf(turn.proof, journalBytes(turn));
	if (turn.digest && !sameBytes(turn.digest, digest)) {
		throw new Broken(turn.turn, 'Its edits, its salt or its digest were changed.');
	}
	const head = headAfter(last.head, { at: turn.at, digest });
	if (turn.head && !sameBytes(turn.head, head)) {
		throw new Broken(turn.turn, 'The chain breaks here: its time, edits or head were changed.');
	}
	return head;
}

function refuseEnd(last: { turn: number; head: Uint8Array }, end: Evidence['end']): void {
	if (!end) return;
	if (end.turn > last.turn) throw new Broken(last.turn + 1, 'It is missing.');
	const isSame = end.turn === last.turn && sameBytes(end.head, last.head);
	if (!isSame) throw new Broken(last.turn, 'The history is said to end otherwise.');
}

/** A salt is gone only where the record says that something was removed. */
function refuseSaltless(saltless: readonly number[], replayed: Replayed): void {
	const removals = replayed.removals();
	const unsaid = saltless.find(
		(turn) => !removals.some(([from, to]) => from <= turn && turn <= to),
	);
	if (unsaid === undefined) return;
	throw new Broken(unsaid, 'Its salt is gone, and the record names no removal from it.');
}
