import type { Refusal } from '#core/refusal.ts';
import { limits } from '#server/limits.ts';
import type { Logger } from '#server/log.ts';
import type { Clock } from '../clock.ts';

/** Whom a refusal met, for the log. */
export interface Refused {
	readonly person?: string;
	readonly document?: string;
	readonly address?: string;
}

/** Counts what is refused at live documents, by reason, and logs a sample: an attacker fills no disk. */
export class Refusals {
	/** How often each reason was given. */
	readonly counts = new Map<string, number>();
	readonly #log: Logger;
	readonly #clock: Clock;
	/** When each reason was logged last, and how often it was given since. */
	readonly #logged = new Map<string, { at: number; unlogged: number }>();

	constructor({ log, clock }: { log: Logger; clock: Clock }) {
		this.#log = log;
		this.#clock = clock;
	}

	note(refusal: Refusal, who: Refused): void {
		const reason = refusal.field ?? refusal.code;
		this.counts.set(reason, (this.counts.get(reason) ?? 0) + 1);
		const now = this.#clock.now();
		const last = this.#logged.get(reason);
		if (last && Math.abs(now - last.at) < limits.refusalLogMs) {
			last.unlogged += 1;
			return;
		}
		this.#logged.set(reason, { at: now, unlogged: 0 });
		const { code, message } = refusal;
		const unlogged = last?.unlogged ?? 0;
		this.#log.warn({ reason, code, why: message, unlogged, ...who }, 'client is refused');
	}
}
