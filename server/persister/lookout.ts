import type { Logger } from '#server/log.ts';

/** Looks for something again and again, never twice at once. One that fails is logged once, and tried again. */
export class Lookout {
	readonly #look: () => Promise<void>;
	#timer: NodeJS.Timeout | null = null;
	#looking: Promise<void> | null = null;
	#isFailing = false;
	#log: Logger | null = null;

	constructor(look: () => Promise<void>) {
		this.#look = look;
	}

	/** Looks at once and then every so many ms. */
	async start(everyMs: number, log: Logger): Promise<void> {
		this.#log = log;
		this.#timer = setInterval(() => void this.#again(log), everyMs);
		await this.#again(log);
	}

	/** Looks out of turn, after a look that is under way; not before it was started nor after its end. */
	async soon(): Promise<void> {
		await this.#looking;
		if (this.#timer && this.#log) await this.#again(this.#log);
	}

	#again(log: Logger): Promise<void> {
		this.#looking ??= this.#try(log).finally(() => (this.#looking = null));
		return this.#looking;
	}

	async #try(log: Logger): Promise<void> {
		try {
			await this.#look();
			this.#isFailing = false;
		} catch (error) {
			if (!this.#isFailing) log.warn({ err: error }, 'the store cannot be looked at');
			this.#isFailing = true;
		}
	}

	/** Ends after the look that is under way. */
	async end(): Promise<void> {
		if (this.#timer) clearInterval(this.#timer);
		this.#timer = null;
		await this.#looking;
	}
}
