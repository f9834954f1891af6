import type { Sql } from 'postgres';
import type { Logger } from '#server/log.ts';
import { limits } from '#server/limits.ts';
import { findUnsummed, forgetChanges, sumMonth } from '#server/storage/metrics/sums/months.ts';
import { Lookout } from './lookout.ts';

/** Sums months of very many incidents up, now and then, for figures over all of them. */
export class Summing {
	readonly #sql: Sql;
	readonly #lookout = new Lookout(() => this.#sumUp());
	#isEnding = false;

	constructor(sql: Sql) {
		this.#sql = sql;
	}

	/** Begins, and does not wait for it. */
	start(log: Logger): void {
		void this.#lookout.start(limits.persisterPollMs, log);
	}

	/** Ends after the month that is summed up just now. */
	async end(): Promise<void> {
		this.#isEnding = true;
		await this.#lookout.end();
	}

	async #sumUp(): Promise<void> {
		await forgetChanges(this.#sql);
		const { summedFrom: least, summedAgainMs: patienceMs } = limits;
		for (const month of await findUnsummed(this.#sql, { least, patienceMs })) {
			if (this.#isEnding) return;
			await sumMonth(this.#sql, month);
		}
	}
}
