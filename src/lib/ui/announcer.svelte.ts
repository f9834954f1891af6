import { createContext } from 'svelte';

const pauseMs = 3_000;

/** A sentence, or what makes it at the moment when it is said; null says nothing. */
type Sentence = string | (() => string | null);

/** What a region holds. The turn grows, so that the same words are read twice. */
interface Spoken {
	readonly text: string;
	readonly turn: number;
}

/** Tells screen readers what changed: at most one sentence every three seconds, the newest of a topic. */
export class Announcer {
	#spoken = $state.raw<Spoken>({ text: '', turn: 0 });
	#urgent = $state.raw<Spoken>({ text: '', turn: 0 });
	/** Not read from what is spoken: whoever speaks in an effect would depend on it. */
	#turn = 0;
	#waiting = new Map<string, Sentence>();
	#timer: ReturnType<typeof setTimeout> | null = null;

	/** What waits until the reader has finished. */
	get spoken(): Spoken {
		return this.#spoken;
	}

	/** What interrupts. */
	get urgent(): Spoken {
		return this.#urgent;
	}

	/** Says a sentence soon. One that still waits under the same topic is replaced by it. */
	say(sentence: Sentence, topic = typeof sentence === 'string' ? sentence : ''): void {
		this.#waiting.delete(topic);
		this.#waiting.set(topic, sentence);
		this.#timer ??= setTimeout(() => this.#speak(), 150);
	}

	/** Says a sentence at once, over whatever is being read: for what cannot wait. */
	interrupt(sentence: string): void {
		this.#urgent = { text: sentence, turn: ++this.#turn };
	}

	#speak(): void {
		this.#timer = null;
		const next = this.#waiting.entries().next();
		if (next.done) return;
		const [topic, sentence] = next.value;
		this.#waiting.delete(topic);
		const text = typeof sentence === 'string' ? sentence : sentence();
		if (text === null) return this.#speak();
		this.#spoken = { text, turn: ++this.#turn };
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
