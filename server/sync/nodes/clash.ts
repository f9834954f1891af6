import type { Edit } from '#core/incident/turn.ts';
import { newEntriesIn } from '../gate/judge.ts';
import { contradictEachOther } from '../gate/sameness.ts';
import { scanUpdate, type Block } from '../gate/scan.ts';

/** History has overtaken a hot document: it holds what cannot become the next turn any more. */
export class Overtaken extends Error {
	/** The connections whose copies say something else than the journal does. */
	readonly conns: ReadonlySet<string>;

	constructor(conns: ReadonlySet<string>, options?: ErrorOptions) {
		super('The journal does not go on from what this room holds.', options);
		this.conns = conns;
	}
}

/**
 * Throws `Overtaken` if edits that the journal has use a client's clocks, or make an entry, that
 * edits of ours which wait to be committed use or make too.
 */
export function refuseClash(theirs: readonly Edit[], ours: readonly Edit[]): void {
	if (theirs.length === 0 || ours.length === 0) return;
	const blocksOfTheirs = theirs.map((edit) => ({ edit, ...read(edit) }));
	const conns = new Set<string>();
	let isClash = false;
	for (const mine of ours) {
		const { blocks, entries } = read(mine);
		for (const other of blocksOfTheirs) {
			const sharesClock = blocks.some((block) => other.blocks.some((b) => overlaps(block, b)));
			const sharesEntry = entries.some((entry) => other.entries.includes(entry));
			if (!sharesClock && !sharesEntry) continue;
			isClash = true;
			const isSame = sharesClock && !contradictEachOther(mine.bytes, other.edit.bytes);
			if (!isSame) conns.add(mine.conn);
		}
	}
	if (isClash) throw new Overtaken(conns);
}

function read({ bytes }: Edit): { blocks: readonly Block[]; entries: readonly string[] } {
	const { blocks } = scanUpdate(bytes);
	return { blocks, entries: blocks.flatMap(newEntriesIn) };
}

function overlaps(a: Block, b: Block): boolean {
	return a.client === b.client && a.clock < b.end && b.clock < a.end;
}
