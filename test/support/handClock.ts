import type { Clock } from '#server/sync/clock.ts';

interface Timer {
	at: number;
	readonly everyMs: number | null;
	readonly run: () => void;
}

/** A clock that stands still until a test moves it. */
export class HandClock implements Clock {
	#now: number;
	readonly #timers = new Set<Timer>();

	constructor(now = 1.7e12) {
		this.#now = now;
	}

	now(): number {
		return this.#now;
	}

	after(ms: number, run: () => void): () => void {
		return this.#add({ at: this.#now + ms, everyMs: null, run });
	}

	every(ms: number, run: () => void): () => void {
		return this.#add({ at: this.#now + ms, everyMs: ms, run });
	}

	round(): Promise<void> {
		return Promise.resolve();
	}

	/** Lets so much time pass, with all that is due in it. */
	pass(ms: number): void {
		const end = this.#now + ms;
		for (let next = this.#nextUntil(end); next; next = this.#nextUntil(end)) {
			this.#now = next.at;
			if (next.everyMs === null) this.#timers.delete(next);
			else next.at += next.everyMs;
			next.run();
		}
		this.#now = end;
	}

	#nextUntil(end: number): Timer | null {
		const due = [...this.#timers].filter(({ at }) => at <= end);
		return due.sort((a, b) => a.at - b.at)[0] ?? null;
	}

	#add(timer: Timer): () => void {
		this.#timers.add(timer);
		return () => void this.#timers.delete(timer);
	}
}
