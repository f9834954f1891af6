import type { DocumentSize } from '#core/wire.ts';
import { limits } from '#server/limits.ts';

/** How large a document is: reckoned from what it grew by, measured anew now and then. */
export class Size {
	#measured = 0;
	#grown = 0;

	/** An update of so many bytes was applied: the document grew by no more than that. */
	grew(bytes: number): void {
		this.#grown += bytes;
	}

	/** What is to be said of it, null while there is nothing to say. `measure` gives its bytes, and is costly. */
	judge(measure: () => number): DocumentSize | null {
		if (this.#measured + this.#grown < limits.largeDocumentBytes) return null;
		if (this.#measured === 0 || this.#grown >= limits.measureBytes) {
			this.#measured = measure();
			this.#grown = 0;
		}
		const atMost = this.#measured + this.#grown;
		if (atMost >= limits.documentBytes) return 'full';
		return atMost >= limits.largeDocumentBytes ? 'large' : null;
	}
}
