import { setTimeout as pause } from 'node:timers/promises';
import type { DocumentId } from '#core/ids.ts';
import { limits } from '#server/limits.ts';
import type { Logger } from '#server/log.ts';
import type { Database } from '#server/storage/database.ts';
import { askDerivations } from '#server/storage/derivations.ts';
import { untilProjected, type Deriving } from './deriving.ts';

/**
 * Asks persisters in other processes to derive what was written here, a little later and together.
 * What it cannot ask for they find by themselves.
 */
export class PersistersApart implements Deriving {
	readonly #db: Database;
	readonly #log: Logger;
	readonly #unasked = new Set<DocumentId>();
	#soon: NodeJS.Timeout | null = null;
	#asking: Promise<void> = Promise.resolve();

	constructor(parts: { readonly db: Database; readonly log: Logger }) {
		this.#db = parts.db;
		this.#log = parts.log;
	}

	/** They begin on their own. */
	async start(): Promise<void> {}

	/** Whoever wrote a turn asks for it. */
	heard({ document, isElsewhere }: Parameters<Deriving['heard']>[0]): void {
		if (isElsewhere) return;
		this.#unasked.add(document);
		this.#soon ??= setTimeout(() => void this.#ask(), limits.askMs);
	}

	async caughtUp(document: DocumentId): Promise<void> {
		this.#unasked.add(document);
		await this.#ask();
		await untilProjected(this.#db.sql, document, limits.listedMs);
	}

	/** They let go by themselves of what nobody asks for. */
	unloaded(): void {}

	/** One after the other, so that no more than one waits for a store that does not answer. */
	#ask(): Promise<void> {
		if (this.#soon) clearTimeout(this.#soon);
		this.#soon = null;
		this.#asking = this.#asking.then(() => this.#askNow());
		return this.#asking;
	}

	async #askNow(): Promise<void> {
		const documents = [...this.#unasked];
		if (documents.length === 0) return;
		this.#unasked.clear();
		try {
			await askDerivations(this.#db.sql, documents);
		} catch (error) {
			this.#log.warn({ err: error }, 'persisters cannot be asked');
		}
	}

	/** Asks for what it has heard of, if the store answers in time. */
	async [Symbol.asyncDispose](): Promise<void> {
		await Promise.race([this.#ask(), pause(limits.persisterEndMs, null, { ref: false })]);
	}
}
