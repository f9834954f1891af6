import { tick } from 'svelte';
import type { Asked } from './asked.ts';

/** The dialog of a room: one at a time, and the next may follow from it. */
export class Asking {
	#asked = $state.raw<Asked | null>(null);
	#opener: Element | null = null;

	/** What is asked now. */
	get asked(): Asked | null {
		return this.#asked;
	}

	/** Asks this, instead of what is asked now. */
	ask(next: Asked): void {
		this.#opener ??= document.activeElement;
		this.#asked = next;
	}

	/** Gives the focus back to what opened the first of several dialogs. */
	async close(): Promise<void> {
		this.#asked = null;
		const opener = this.#opener;
		this.#opener = null;
		await tick();
		const isLost = document.activeElement === null || document.activeElement === document.body;
		if (isLost && opener instanceof HTMLElement && opener.isConnected) opener.focus();
	}
}
