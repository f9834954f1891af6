import { setTimeout as pause } from 'node:timers/promises';
import type { Sql } from 'postgres';
import type { Config } from '#server/config.ts';
import { limits } from '#server/limits.ts';
import type { Logger } from '#server/log.ts';
import { Lookout } from '#server/persister/lookout.ts';
import { Packing } from './packing.ts';
import { forgetExpired } from './retention.ts';
import { Telling, tellFile, tellWebhook } from './telling.ts';

export interface UpkeepParts {
	readonly sql: Sql;
	readonly log: Logger;
	readonly config: Pick<Config, 'headsFile' | 'headsWebhook' | 'retention'>;
}

/** Something that is done now and then. */
interface Job {
	readonly lookout: Lookout;
	readonly everyMs: number;
}

/**
 * What is done to histories by and by, wherever a persister is at work: turns of incidents that were closed
 * long ago are packed, those that were kept long enough are deleted, and the world outside is told of heads. It begins when asked to; disposed, it ends
 * soon and leaves the rest to the next start.
 */
export class Upkeep implements AsyncDisposable {
	readonly #log: Logger;
	readonly #jobs: readonly Job[];
	readonly #ending = new AbortController();

	constructor(parts: UpkeepParts) {
		this.#log = parts.log;
		const { signal } = this.#ending;
		const isEnding = () => signal.aborted;
		const packing = new Packing({ ...parts, sealedMs: limits.sealedMs, isEnding });
		this.#jobs = [
			{ lookout: new Lookout(() => packing.run()), everyMs: limits.upkeepMs },
			...forgettingOf(parts, isEnding),
			...tellingsOf(parts, signal).map((telling) => ({
				lookout: new Lookout(() => telling.run()),
				everyMs: limits.headsMs,
			})),
		];
	}

	/** Begins; nobody need wait for the first round. */
	start(): void {
		for (const { lookout, everyMs } of this.#jobs) void lookout.start(everyMs, this.#log);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#ending.abort();
		const ended = Promise.all(this.#jobs.map(({ lookout }) => lookout.end()));
		// A store that does not answer is not waited for: what was begun is all or nothing.
		await Promise.race([ended, pause(limits.persisterEndMs, null, { ref: false })]);
	}
}

/** Without a word of how long, everything is kept. */
function forgettingOf({ sql, log, config }: UpkeepParts, isEnding: () => boolean): Job[] {
	const { retention } = config;
	if (retention.size === 0) return [];
	const forget = () => forgetExpired({ sql, log, retention, isEnding });
	return [{ lookout: new Lookout(forget), everyMs: limits.retentionMs }];
}

function tellingsOf({ sql, log, config }: UpkeepParts, ending: AbortSignal): Telling[] {
	const { headsFile, headsWebhook } = config;
	const parts = { sql, log, isEnding: () => ending.aborted };
	return [
		...(headsFile === null
			? []
			: [new Telling({ ...parts, way: 'file', tell: tellFile(headsFile) })]),
		...(headsWebhook === null
			? []
			: [new Telling({ ...parts, way: 'webhook', tell: tellWebhook(headsWebhook, ending) })]),
	];
}
