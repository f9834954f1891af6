import { createSubscriber } from 'svelte/reactivity';

/** A clock that ticks once a second while something reads it, set to the server's time. */
export class Clock {
	#offsetMs: number;
	#subscribe: () => void;

	/** `serverNow`: the server's epoch ms when the page was made. A few seconds apart count as equal. */
	constructor(serverNow: number) {
		const offsetMs = serverNow - Date.now();
		this.#offsetMs = Math.abs(offsetMs) < 10_000 ? 0 : offsetMs;
		this.#subscribe = createSubscriber((update) => {
			const timer = setInterval(update, 1_000);
			return () => clearInterval(timer);
		});
	}

	/** Epoch ms. */
	get now(): number {
		this.#subscribe();
		return Date.now() + this.#offsetMs;
	}
}
