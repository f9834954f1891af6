import { limits } from '#server/limits.ts';
import { entryOf, type Entry } from './caretFrames.ts';

/** A caret of somebody's on another node, as that node shows it. */
interface FarCaret {
	readonly clock: number;
	/** JSON. */
	readonly state: string;
	/** When its node spoke of it last (ms of the clock). */
	readonly heardAt: number;
}

/** Where the people of other nodes are. A node speaks of its carets again and again; who is silent is gone. */
export class FarCarets {
	readonly #carets = new Map<number, FarCaret>();

	set(client: number, caret: FarCaret): void {
		this.#carets.set(client, caret);
	}

	delete(client: number): void {
		this.#carets.delete(client);
	}

	has(client: number): boolean {
		return this.#carets.has(client);
	}

	/** All of them, as their nodes show them. */
	entries(): Entry[] {
		return Array.from(this.#carets, ([client, { clock, state }]) => entryOf(client, clock, state));
	}

	/** Forgets those that no node has spoken of for a while; gives their clients. */
	forgetSilent(now: number): number[] {
		const silent = Array.from(this.#carets).filter(
			([, { heardAt }]) => Math.abs(now - heardAt) > limits.presenceSilenceMs,
		);
		for (const [client] of silent) this.#carets.delete(client);
		return silent.map(([client]) => client);
	}
}
