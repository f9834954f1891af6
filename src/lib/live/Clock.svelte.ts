import { createSubscriber } from 'svelte/reactivity';

const tickMs = 500;
const toleratedMs = 1_500;

/** The time as the server has it, for clocks on the screen and for what is logged. */
export class Clock {
	#offsetMs = 0;
	readonly #heard = createSubscriber((update) => {
		const timer = setInterval(update, tickMs);
		return () => clearInterval(timer);
	});

	/** Epoch ms; whoever reads it on the screen is redrawn twice a second. */
	get now(): number {
		this.#heard();
		return this.read();
	}

	/** Epoch ms, once. */
	read(): number {
		return Date.now() + this.#offsetMs;
	}

	/** Asks the server for its time; without an answer this device's own holds. */
	async ask(): Promise<void> {
		const answer = await fetch('/healthz', { cache: 'no-store' }).catch(() => null);
		this.learn(answer?.headers.get('date') ?? null);
	}

	/** Learns from a response's `Date` header, which counts whole seconds, how wrong this device is. */
	learn(date: string | null): void {
		const server = date === null ? NaN : Date.parse(date) + 500;
		if (Number.isNaN(server)) return;
		const offset = server - Date.now();
		this.#offsetMs = Math.abs(offset) > toleratedMs ? offset : 0;
	}
}
