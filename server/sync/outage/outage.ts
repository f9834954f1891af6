import { encodeEdits, type Edit } from '#core/incident/turn.ts';
import type { Logger } from '#server/log.ts';
import { pause, type Clock } from '../clock.ts';
import type { PendingTurn } from '../turn/pending.ts';
import type { Backlog } from './backlog.ts';

/** The disk, a quota or a limit is full: what gives way when somebody makes room. */
const noRoom = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** The time in which a room's turns cannot be committed: what waits, in order, and the file that keeps it. */
export class Outage {
	/** Epoch ms. */
	readonly since: number;
	readonly turns: PendingTurn[] = [];
	readonly file: Backlog;
	readonly #clock: Clock;
	readonly #log: Logger;
	/** Files of earlier outages whose turns wait here too. */
	readonly #others: readonly Backlog[];
	/** Files with something in them that fits the document no more. */
	readonly #withAside = new Set<Backlog>();
	/** Bytes of edits that wait. */
	bytes = 0;
	#kept: Promise<void> = Promise.resolve();

	/** It begins now. */
	constructor(
		{ clock, log }: { clock: Clock; log: Logger },
		file: Backlog,
		others: readonly Backlog[] = [],
	) {
		this.#clock = clock;
		this.#log = log;
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
				if (!noRoom.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
				this.#log.error({ err: error, file: this.file.name }, 'no room for what is unsaved');
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

function sizeOf(parts: readonly Edit[]): number {
	return parts.reduce((sum, { bytes }) => sum + bytes.length, 0);
}
