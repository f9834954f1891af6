import { kindOf } from '#core/ids.ts';
import type { Fact } from '#core/incident/record.ts';
import type { HistoryClaim } from '#core/review/export/manifest.ts';
import { limits } from '#server/limits.ts';
import type { Material } from '#server/opening/material.ts';
import type { Workbench } from '#server/opening/workshop.ts';
import { judgeHistory, type JudgedHistory } from './judgeHistory.ts';
import {
	inHistory,
	refusal,
	type Bundle,
	type BundledHistory,
	type ChainedTurn,
} from './openBundle.ts';

type Bench = Pick<Workbench, 'try' | 'advance'>;

/** A history of a bundle that may be taken in, and what it makes. */
export type Acceptable = BundledHistory & JudgedHistory;

/** Judges the histories of a bundle, each edit as if it came now. Throws a `Refusal`. */
export async function judgeBundle(
	workbench: Bench,
	{ room, retro }: Pick<Bundle, 'room' | 'retro'>,
): Promise<{ readonly room: Acceptable; readonly retro: Acceptable | null }> {
	const judged = await judgeOne(workbench, room);
	if (!retro) return { room: judged, retro: null };
	const further = await inHistory('retro', async () => {
		const one = await judgeOne(workbench, retro);
		refusePublishedLater(one, room);
		return one;
	});
	return { room: judged, retro: further };
}

async function judgeOne(workbench: Bench, history: BundledHistory): Promise<Acceptable> {
	const { claim, turns, document } = history;
	const isPassed = passedBy(claim);
	await tryOut(workbench, turns, isPassed);
	const judged = await judgeHistory(kindOf(document), turns, isPassed);
	refuseOtherClients(claim, judged);
	refuseSaltless(turns, judged.facts, isPassed);
	return { ...history, ...judged };
}

/** What was published shows the incident as of a turn of the room. */
function refusePublishedLater({ facts }: JudgedHistory, room: BundledHistory): void {
	const odd = facts.some(
		(fact) => fact.kind === 'published' && fact.incidentTurn > room.claim.turns,
	);
	if (odd) throw refusal('It was published as of a turn that the incident does not have.');
}

/** Asked for every turn, so that it is worked out once for each. */
function passedBy({ passed, turns }: HistoryClaim): (turn: number) => boolean {
	const marks = new Uint8Array(turns + 1);
	for (const { from, to } of passed) marks.fill(1, from, to + 1);
	return (turn) => marks[turn] === 1;
}

/**
 * What the document would do here, it does to a process of its own first; in stretches, each from the
 * state in which the one before ends, so that its length is no fault.
 */
async function tryOut(
	workbench: Bench,
	turns: readonly ChainedTurn[],
	isPassed: (turn: number) => boolean,
): Promise<void> {
	const read = turns.filter(({ turn }) => !isPassed(turn));
	const unreadable = read.find((turn) => turn.unreadable);
	if (unreadable) throw refusal(`Turn ${unreadable.turn} cannot be read.`);
	let state: Uint8Array | null = null;
	for (let begun = 0; ; begun += limits.openTurns) {
		const stretch = read.slice(begun, begun + limits.openTurns);
		const isLast = begun + stretch.length >= read.length;
		const material: Material = {
			state,
			turns: stretch.map(({ edits }) => edits.map(({ bytes }) => bytes)),
		};
		const next = isLast ? null : await workbench.advance(material);
		if (next) {
			state = next;
			continue;
		}
		const verdict = await workbench.try(material);
		if (verdict.isGood && isLast) return;
		const at = verdict.isGood ? stretch.length : Math.max(1, verdict.at);
		const turn = stretch[Math.min(at, stretch.length) - 1]?.turn ?? 1;
		throw refusal(`Turn ${turn}: its document cannot be opened.`);
	}
}

function refuseOtherClients({ clients }: HistoryClaim, { owners }: JudgedHistory): void {
	const said = new Map(Object.entries(clients));
	const isSame =
		said.size >= owners.size &&
		[...owners].every(([client, person]) => said.get(String(client)) === person);
	if (!isSame) throw refusal('Its manifest says otherwise who wrote under which client id.');
}

/** A salt is gone only where the record says that something was removed; else anything could stand there. */
function refuseSaltless(
	turns: readonly ChainedTurn[],
	facts: readonly Fact[],
	isPassed: (turn: number) => boolean,
): void {
	const removed = facts.flatMap((fact) => (fact.kind === 'removed' ? fact.turns : []));
	const odd = turns.find(
		({ turn, proof }) =>
			proof.salt === null &&
			!isPassed(turn) &&
			!removed.some(([from, to]) => from <= turn && turn <= to),
	);
	if (odd)
		throw refusal(`Turn ${odd.turn}: Its salt is gone, and nothing says that it was removed.`);
}
