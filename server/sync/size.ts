import { Refusal } from '#core/refusal.ts';
import type { DocumentSize } from '#core/wire.ts';
import { limits } from '#server/limits.ts';

/** How large a document is: reckoned from what it grew by, measured anew now and then. */
export class Size {
	#measured = 0;
	#grown = 0;
	#deleted = 0;

	/** An update of so many bytes was applied: the document grew by no more than that. */
	grew(bytes: number): void {
		this.#grown += bytes;
	}

	/** So much was deleted. */
	shrank(length: number): void {
		this.#deleted += length;
	}

	/** What is to be said of it, null while there is nothing to say. `measure` gives its bytes, and is costly. */
	judge(measure: () => number): DocumentSize | null {
		if (this.#measured + this.#grown < limits.largeDocumentBytes) return null;
		const moved = Math.max(this.#grown, this.#deleted);
		if (this.#measured === 0 || moved >= limits.measureBytes) {
			this.#measured = measure();
			this.#grown = 0;
			this.#deleted = 0;
		}
		const atMost = this.#measured + this.#grown;
		if (atMost >= limits.documentBytes) return 'full';
		return atMost >= limits.largeDocumentBytes ? 'large' : null;
	}
}

/** Why a document takes nothing more. */
export function documentIsFull(): Refusal {
	return new Refusal(
		'tooLarge',
		'This incident is as large as it may be (20 MiB): it only takes deletions.',
		'document',
	);
}
