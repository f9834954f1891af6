import type { PersonId } from '#core/ids.ts';
import { encodeEdits, type Edit } from '#core/incident/turn.ts';
import type { Place } from '#server/storage/documents.ts';
import type { Ask, Outcome } from './asks.ts';
import type { Backlog } from './backlog.ts';
import { pause, type Clock } from './clock.ts';
import type { Draft } from './draft.ts';
import { scanUpdate } from './gate/scan.ts';

/** An answer that is given once its turn is committed. */
export interface Promised {
	readonly ask: Ask;
	readonly outcome: Outcome;
}

/** A turn that the journal has now, and where. */
export interface Written {
	readonly draft: Draft;
	readonly place: Place;
}

/** A turn that is not known to be committed. Its nonce makes every further try the same turn. */
export interface PendingTurn {
	readonly nonce: string;
	/** What people sent; facts are decided anew when it is delivered. */
	readonly parts: readonly Edit[];
	/** What people sent in it and what fits the document no more. */
	readonly aside: readonly Edit[];
	/** The turn as it was made here; null for one from a backlog file. */
	readonly draft: Draft | null;
	/** A try that is still under way; null comes of it if the journal had the turn already. */
	attempt: Promise<Written | null> | null;
	/** What is answered if that try turns out to be committed. */
	promised: readonly Promised[];
	/** What was asked in a try that certainly failed: it is decided anew. */
	readonly withdrawn: Ask[];
}

/** The time in which a room's turns cannot be committed: what waits, in order, and the file that keeps it. */
export class Outage {
	/** Epoch ms. */
	readonly since: number;
	readonly turns: PendingTurn[] = [];
	readonly file: Backlog;
	readonly #clock: Clock;
	/** Files of earlier outages whose turns wait here too. */
	readonly #others: readonly Backlog[];
	/** Files with something in them that fits the document no more. */
	readonly #withAside = new Set<Backlog>();
	/** Bytes of edits that wait. */
	bytes = 0;
	#kept: Promise<void> = Promise.resolve();

	/** It begins now. */
	constructor(clock: Clock, file: Backlog, others: readonly Backlog[] = []) {
		this.#clock = clock;
		this.since = clock.now();
		this.file = file;
		this.#others = others;
	}

	/** Adds a turn that stands in the file already. */
	addKept(turn: PendingTurn): void {
		this.turns.push(turn);
		this.bytes += sizeOf(turn.parts);
	}

	/** Adds a turn; resolves once it is in the file, so that it may be shown. */
	async add(turn: PendingTurn): Promise<void> {
		this.addKept(turn);
		if (turn.parts.length === 0) return;
		this.#kept = this.#kept.then(() => this.#keep(turn));
		await this.#kept;
	}

	/** A full disk is waited for: nobody sees what could be lost. */
	async #keep(turn: PendingTurn): Promise<void> {
		for (;;) {
			try {
				await this.file.append({ nonce: turn.nonce, edits: encodeEdits(turn.parts) });
				return;
			} catch (error) {
				if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
				await pause(this.#clock, 1_000);
			}
		}
	}

	/** The first turn is committed. */
	shift(): void {
		const turn = this.turns.shift();
		if (turn) this.bytes -= sizeOf(turn.parts);
	}

	/** A file is kept when this is over, for a person to look at. */
	keepAside(file: Backlog): void {
		this.#withAside.add(file);
	}

	/** Everything is committed: the file has done its work. */
	async end(): Promise<void> {
		await this.#kept;
		for (const file of [this.file, ...this.#others]) {
			await (this.#withAside.has(file) ? file.setAside() : file.remove());
		}
	}
}

/** To whom the client ids belong that wrote these edits. */
export function clientsOf(parts: readonly Edit[]): Map<number, PersonId> {
	const clients = new Map<number, PersonId>();
	for (const { bytes, person } of parts) {
		for (const { client } of scanUpdate(bytes).blocks) clients.set(client, person);
	}
	return clients;
}

/** A turn that waits to be committed. */
export function pendingTurn(
	turn: Pick<PendingTurn, 'nonce' | 'parts'> & Partial<PendingTurn>,
): PendingTurn {
	// What became of the try is asked when the turn is delivered; it may fail before.
	turn.attempt?.catch(() => null);
	return { draft: null, aside: [], attempt: null, promised: [], withdrawn: [], ...turn };
}

function sizeOf(parts: readonly Edit[]): number {
	return parts.reduce((sum, { bytes }) => sum + bytes.length, 0);
}
