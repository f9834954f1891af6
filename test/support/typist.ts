import { changes, erase, kinds, plainOf, textsOf, write, type EditKind } from './edits.ts';
import type { SyncPeer } from './client.ts';
import { oneOf } from './random.ts';
import { until } from './until.ts';

/** Somebody who types: each edit leaves its label in the document, or erases an earlier one. */
export class Typist {
	readonly name: string;
	readonly peer: SyncPeer;
	/** The labels that were written. */
	readonly written: string[] = [];
	/** What was erased again, and by which edit. */
	readonly erasedBy = new Map<string, string>();
	readonly #random: () => number;
	#made = 0;
	#clock: NodeJS.Timeout | null = null;

	constructor(name: string, peer: SyncPeer, random: () => number) {
		this.name = name;
		this.peer = peer;
		this.#random = random;
	}

	start(editsPerSecond: number): void {
		this.stop();
		this.#clock = setInterval(() => this.type(), 1_000 / editsPerSecond);
	}

	stop(): void {
		if (this.#clock) clearInterval(this.#clock);
		this.#clock = null;
	}

	/** Makes one edit at random, or a certain one; gives its label. */
	type(kind: EditKind = oneOf(kinds, this.#random)): string {
		const label = `${this.name}-${++this.#made}`;
		const victim = kind === 'erase' ? this.#erasable() : undefined;
		const change = changes[kind];
		if (victim !== undefined) {
			this.erasedBy.set(victim, label);
			this.peer.edit(label, (doc) => erase(doc, `[${victim}]`));
		} else if (change) {
			this.peer.edit(label, (doc) => change(doc, this.#random));
		} else {
			this.written.push(label);
			this.peer.edit(label, (doc) =>
				write(doc, { kind, text: `[${label}]`, random: this.#random }),
			);
		}
		return label;
	}

	/**
	 * Types until a moment of a keystroke's way is reached; gives the last label. One that falls into a
	 * slow moment is committed with what waits, and not alone.
	 */
	async typeUntil(reached: Promise<void>): Promise<string> {
		let isReached = false;
		void reached.then(() => (isReached = true));
		for (;;) {
			const label = this.type('notes');
			const isSaved = () => {
				if (this.peer.closed) throw new Error(`Sent away: ${this.peer.closed.reason}`);
				return isReached || this.peer.acked.has(label);
			};
			await until('the keystroke is on its way or saved', isSaved);
			if (isReached) return label;
		}
	}

	#erasable(): string | undefined {
		const plain = textsOf(this.peer.doc).map(plainOf).join();
		const isThere = (label: string) => plain.includes(`[${label}]`);
		return this.written.find((label) => !this.erasedBy.has(label) && isThere(label));
	}
}
