import type { Sql } from 'postgres';
import type { Logger } from '#server/log.ts';
import { limits } from '#server/limits.ts';
import { isStoreAway } from '#server/storage/away.ts';
import type { Database } from '#server/storage/database.ts';
import { findUnsummed, forgetChanges, sumTerm } from '#server/storage/metrics/sums/terms.ts';
import { Lookout } from './lookout.ts';

/** Sums months and years of very many incidents up, now and then, for figures over all of them. */
export class Summing {
	readonly #sql: Sql;
	readonly #log: Logger;
	readonly #lookout = new Lookout(() => this.#sumUp());
	#isEnding = false;

	constructor(parts: { readonly db: Pick<Database, 'sql'>; readonly log: Logger }) {
		this.#sql = parts.db.sql;
		this.#log = parts.log;
	}

	/** Begins, and does not wait for it. */
	start(): void {
		void this.#lookout.start(limits.persisterPollMs, this.#log);
	}

	/** Ends after what is summed up just now. */
	async end(): Promise<void> {
		this.#isEnding = true;
		await this.#lookout.end();
	}

	/** One that cannot be summed up is read incident by incident, and keeps no other from being. */
	async #sum(term: string): Promise<void> {
		try {
			await sumTerm(this.#sql, term);
		} catch (error) {
			if (isStoreAway(error)) throw error;
			this.#log.error({ err: error, term }, 'a month or year cannot be summed up');
		}
	}

	async #sumUp(): Promise<void> {
		await forgetChanges(this.#sql);
		const { summedFrom: least, summedAgainMs: patienceMs } = limits;
		for (const term of await findUnsummed(this.#sql, { least, patienceMs })) {
			if (this.#isEnding) return;
			await this.#sum(term);
		}
	}
}
