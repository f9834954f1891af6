import { open } from 'node:fs/promises';
import type { Sql } from 'postgres';
import { epochMs } from '#core/time.ts';
import { limits } from '#server/limits.ts';
import type { Logger } from '#server/log.ts';
import { readTurnTime } from '#server/storage/places.ts';
import {
	claimTelling,
	findUntold,
	noteTold,
	type UntoldHead,
	type Way,
} from '#server/storage/publishedHeads.ts';
import { writeHead } from './headFile.ts';

/** Tells of one head, given as a line of JSON with its end; fails if it is not certain to be kept. */
export type Tell = (line: string) => Promise<void>;

export interface TellingParts {
	readonly sql: Sql;
	readonly log: Logger;
	readonly way: Way;
	readonly tell: Tell;
	/** Nothing new is to be begun. */
	readonly isEnding: () => boolean;
}

/**
 * Tells the world outside of the head of every snapshot, one after the other, each at least once: what
 * is not noted as told, also by an earlier run or another process, is told. Where telling fails it is
 * tried again, ever more seldom.
 */
export class Telling {
	readonly #parts: TellingParts;
	#failures = 0;
	/** Not before this (monotonic ms). */
	#restUntil = 0;

	constructor(parts: TellingParts) {
		this.#parts = parts;
	}

	/** Tells what is to be told, unless it rests. Throws what the store throws. */
	async run(): Promise<void> {
		if (performance.now() < this.#restUntil) return;
		const { sql, way, isEnding } = this.#parts;
		for (;;) {
			const untold = await findUntold(sql, way, limits.headsAtOnce);
			for (const head of untold) {
				if (isEnding() || !(await this.#tellOne(head))) return;
			}
			if (untold.length < limits.headsAtOnce) return;
		}
	}

	/** False if it could not be told, or somebody else is at it: what comes after it waits. */
	async #tellOne(head: UntoldHead): Promise<boolean> {
		const { sql, way, tell } = this.#parts;
		const line = writeHead({ ...head, at: epochMs(await this.#timeOf(head)) });
		return sql.begin(async (tx) => {
			if (!(await claimTelling(tx, head, { way, idleMs: 2 * limits.headMs }))) return false;
			try {
				await tell(line);
			} catch (error) {
				this.#failed(error);
				return false;
			}
			await noteTold(tx, head, way);
			this.#succeeded();
			return true;
		});
	}

	async #timeOf({ document, turn }: UntoldHead): Promise<number> {
		return (await readTurnTime(this.#parts.sql, document, turn)) ?? 0;
	}

	#failed(error: unknown): void {
		const { log, way, isEnding } = this.#parts;
		if (isEnding()) return;
		if (this.#failures === 0) log.warn({ err: error, way }, 'heads cannot be told');
		this.#failures += 1;
		this.#restUntil = performance.now() + restMs(this.#failures);
	}

	#succeeded(): void {
		const { log, way } = this.#parts;
		if (this.#failures > 0) log.info({ way }, 'heads are told again');
		this.#failures = 0;
	}
}

/** How long telling rests after it has failed so many times in a row. */
export function restMs(failures: number): number {
	const { first, most } = limits.headRetryMs;
	return Math.min(most, first * 2 ** (failures - 1));
}

/** Appends lines to a file and waits until the disk has them. A line that was torn before stays alone. */
export function tellFile(file: string): Tell {
	return async (line) => {
		await using handle = await open(file, 'a+');
		const { size } = await handle.stat();
		const { buffer } = await handle.read({
			buffer: Buffer.alloc(1),
			position: size - 1,
			length: 1,
		});
		const isTorn = size > 0 && buffer.toString() !== '\n';
		await handle.appendFile(isTorn ? `\n${line}` : line);
		await handle.sync();
	};
}

/**
 * Sends lines to an address of the operator's choice, and nowhere else: what is answered is not read. No
 * error says more of the address than its host: it may hold a secret.
 */
export function tellWebhook(url: string, ending: AbortSignal): Tell {
	return async (line) => {
		const response = await fetch(url, {
			method: 'POST',
			headers: { 'Content-Type': 'application/json' },
			body: line,
			redirect: 'manual',
			signal: AbortSignal.any([ending, AbortSignal.timeout(limits.headMs)]),
		});
		await response.body?.cancel();
		if (!response.ok) throw new Error(`It was answered with ${response.status}.`);
	};
}
