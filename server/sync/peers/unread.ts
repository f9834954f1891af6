import { Refusal } from '#core/refusal.ts';
import { limits } from '#server/limits.ts';
import type { Frame } from './frames.ts';

/** Somebody whom an answer was sent to. */
export interface Recipient {
	/** Bytes that it has not taken yet. */
	readonly waitingBytes: number;
	refuse(refusal: Refusal): void;
}

/** Smaller answers are not worth counting. */
const leastBytes = 64 * 1024;

/**
 * The large answers that wait in this process' sockets. An answer that many wait for is in memory
 * once; different ones are held to a sum, and whoever has the most waiting is sent away.
 */
export class Unread {
	readonly #waiting = new Map<Frame, Set<Recipient>>();

	/** An answer is about to be sent. */
	add(frame: Frame, recipient: Recipient): void {
		if (frame.length < leastBytes) return;
		const known = this.#waiting.get(frame);
		if (known) return void known.add(recipient);
		this.#forgetRead();
		this.#waiting.set(frame, new Set([recipient]));
		while (this.#bytes > limits.unreadBytes && this.#waiting.size > 1) this.#giveUpLargest(frame);
	}

	get #bytes(): number {
		return this.#waiting.keys().reduce((sum, frame) => sum + frame.length, 0);
	}

	#forgetRead(): void {
		for (const [frame, recipients] of this.#waiting) {
			for (const recipient of recipients) {
				if (recipient.waitingBytes < leastBytes) recipients.delete(recipient);
			}
			if (recipients.size === 0) this.#waiting.delete(frame);
		}
	}

	/** The new answer's own recipient has not had a chance yet. */
	#giveUpLargest(spared: Frame): void {
		let largest: Frame | null = null;
		for (const frame of this.#waiting.keys()) {
			if (frame !== spared && frame.length > (largest?.length ?? 0)) largest = frame;
		}
		if (!largest) return;
		for (const recipient of this.#waiting.get(largest) ?? []) {
			recipient.refuse(new Refusal('tooMany', 'This connection reads too slowly.', 'slow'));
		}
		this.#waiting.delete(largest);
	}
}
