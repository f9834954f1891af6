import type { DocumentId, PersonId } from '#core/ids.ts';
import { leavesOut } from '#core/incident/record.ts';
import type { Edit } from '#core/incident/turn.ts';
import { epochMs } from '#core/time.ts';
import type { Place } from '#server/storage/documents.ts';
import type { JournalRow } from '#server/storage/history.ts';
import type { Audience } from '../audience.ts';
import { scanUpdate } from '../gate/scan.ts';
import type { HotDocument } from '../hot.ts';
import type { TurnNotice } from '../notice.ts';
import { updateFrame } from '../peers/frames.ts';
import { Overtaken, refuseClash } from './clash.ts';
import type { ToldTurn } from './feed.ts';
import { Told } from './told.ts';

/** Edits that are in the hot document and not known to be in the journal. */
export interface Uncommitted {
	readonly nonce: string;
	readonly parts: readonly Edit[];
}

/** A turn that is committed; its nonce is null if its node told us of it, which is never ours. */
export interface CommittedTurn extends Place {
	readonly nonce: string | null;
	readonly edits: readonly Edit[];
}

export interface CatchUpParts {
	readonly document: DocumentId;
	readonly hot: HotDocument;
	readonly audience: Audience;
	readonly notice: (turn: TurnNotice) => void;
	/** What the hot document has beyond the journal. */
	readonly uncommitted: () => readonly Uncommitted[];
}

/** Takes over what other nodes have written in the journal, and shows it to the peers. */
export class CatchUp {
	readonly #parts: CatchUpParts;
	readonly #told = new Told();

	constructor(parts: CatchUpParts) {
		this.#parts = parts;
	}

	/** Keeps a turn that another node told of until it is next. */
	keep(turn: ToldTurn): void {
		this.#told.keep(turn);
	}

	/** Applies what other nodes told of, as far as it follows the hot document. Throws `Overtaken`. */
	takeTold(): void {
		this.take(this.#told.takeAfter(this.#parts.hot.turn));
	}

	/** The last turn of the journal, if it is known to go on beyond the hot document. */
	get beyond(): number | null {
		return this.#told.beyond(this.#parts.hot.turn);
	}

	/**
	 * Applies the turns that follow the hot document; those that it has already are passed over.
	 * Throws `Overtaken` if they leave no place for what waits to be committed.
	 */
	take(rows: readonly CommittedTurn[]): void {
		const { hot, audience } = this.#parts;
		const missed = rows.filter(({ turn }) => turn > hot.turn);
		const last = missed.at(-1);
		if (!last) return;
		if (missed.length !== last.turn - hot.turn) throw new Error('The journal has a gap.');
		this.#refuseClash(missed);
		const before = hot.facts.length;
		const edits = missed.flatMap((row) => row.edits);
		const changed = this.#apply(edits);
		hot.turn = last.turn;
		this.#learnOwners(edits);
		if (changed) audience.broadcast(updateFrame(changed));
		const facts = hot.facts.slice(before);
		this.#parts.notice({
			document: this.#parts.document,
			turn: last.turn,
			at: epochMs(last.at),
			edits: edits.length,
			facts,
			isElsewhere: true,
		});
		// This document may hold what is passed over now.
		if (facts.some(leavesOut)) throw new Overtaken(new Set());
	}

	#apply(edits: readonly Edit[]): Uint8Array | null {
		try {
			return this.#parts.hot.apply(edits.map(({ bytes }) => bytes));
		} catch (error) {
			throw new Overtaken(new Set(), { cause: error });
		}
	}

	/** A turn of ours whose answer was lost is no other's. */
	#refuseClash(missed: readonly CommittedTurn[]): void {
		const uncommitted = this.#parts.uncommitted();
		const nonces = new Set<string | null>(uncommitted.map(({ nonce }) => nonce));
		const isCommitted = new Set<string | null>(missed.map(({ nonce }) => nonce));
		refuseClash(
			missed.filter(({ nonce }) => !nonces.has(nonce)).flatMap(({ edits }) => ofPeople(edits)),
			uncommitted.filter(({ nonce }) => !isCommitted.has(nonce)).flatMap(({ parts }) => parts),
		);
	}

	#learnOwners(edits: readonly Edit[]): void {
		const { hot } = this.#parts;
		for (const [client, person] of clientsOf(ofPeople(edits))) {
			hot.clients.set(client, person);
			hot.kept.add(client);
		}
	}
}

/** Reads turns up to one, or all. */
export async function readRows(
	turns: AsyncIterable<JournalRow>,
	upTo = Infinity,
): Promise<JournalRow[]> {
	const rows: JournalRow[] = [];
	for await (const row of turns) {
		if (row.turn > upTo) break;
		rows.push(row);
	}
	return rows;
}

/** To whom the client ids belong that wrote these edits. */
export function clientsOf(parts: readonly Edit[]): Map<number, PersonId> {
	const clients = new Map<number, PersonId>();
	for (const { bytes, person } of parts) {
		for (const { client } of scanUpdate(bytes).blocks) clients.set(client, person);
	}
	return clients;
}

function ofPeople(edits: readonly Edit[]): readonly Edit[] {
	return edits.filter(({ conn }) => conn !== '');
}
