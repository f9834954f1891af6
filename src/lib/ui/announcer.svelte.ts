import { createContext } from 'svelte';

const pauseMs = 3_000;

/** Tells screen readers what changed: at most one sentence every three seconds, the newest of a topic. */
export class Announcer {
	#spoken = $state.raw({ text: '', turn: 0 });
	#waiting = new Map<string, string>();
	#timer: ReturnType<typeof setTimeout> | null = null;

	/** The sentence that the region holds. Its turn grows, so that the same words are read twice. */
	get spoken(): { readonly text: string; readonly turn: number } {
		return this.#spoken;
	}

	/** Says a sentence soon. One that still waits under the same topic is replaced by it. */
	say(sentence: string, topic: string = sentence): void {
		this.#waiting.delete(topic);
		this.#waiting.set(topic, sentence);
		this.#timer ??= setTimeout(() => this.#speak(), this.#spoken.turn === 0 ? 0 : 150);
	}

	#speak(): void {
		this.#timer = null;
		const next = this.#waiting.entries().next();
		if (next.done) return;
		const [topic, text] = next.value;
		this.#waiting.delete(topic);
		this.#spoken = { text, turn: this.#spoken.turn + 1 };
		this.#timer = setTimeout(() => this.#speak(), pauseMs);
	}

	/** Forgets what still waits. */
	[Symbol.dispose](): void {
		if (this.#timer !== null) clearTimeout(this.#timer);
		this.#timer = null;
		this.#waiting.clear();
	}
}

/** The one announcer of the page: made by the root layout, used by whoever has something to say. */
export const [getAnnouncer, setAnnouncer] = createContext<Announcer>();
