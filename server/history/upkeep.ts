import type { Sql } from 'postgres';
import { limits } from '#server/limits.ts';
import type { Logger } from '#server/log.ts';
import { Lookout } from '#server/persister/lookout.ts';
import { Packing } from './packing.ts';

export interface UpkeepParts {
	readonly sql: Sql;
	readonly log: Logger;
}

/**
 * What is done to histories by and by, wherever a persister is at work: turns of incidents that were closed
 * long ago are packed. It begins when asked to; disposed, it ends soon and leaves the rest to the next start.
 */
export class Upkeep implements AsyncDisposable {
	readonly #log: Logger;
	readonly #packed: Lookout;
	#isEnding = false;

	constructor({ sql, log }: UpkeepParts) {
		this.#log = log;
		const isEnding = () => this.#isEnding;
		const packing = new Packing({ sql, log, sealedMs: limits.sealedMs, isEnding });
		this.#packed = new Lookout(() => packing.run());
	}

	/** Begins; nobody need wait for the first round. */
	start(): void {
		void this.#packed.start(limits.upkeepMs, this.#log);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#isEnding = true;
		await this.#packed.end();
	}
}
