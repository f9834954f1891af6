import type { TimelineItem } from '#core/incident/reading.ts';

/** Which lines of a timeline are new to the one who looks at it. */
export class Unseen {
	#known: ReadonlySet<string> | null = null;
	#fresh = $state.raw<ReadonlySet<string>>(new Set());
	#waiting = $state.raw<ReadonlySet<string>>(new Set());

	/** What others added since the page is open. */
	get fresh(): ReadonlySet<string> {
		return this.#fresh;
	}

	/** What of it has not been in view yet. */
	get waiting(): ReadonlySet<string> {
		return this.#waiting;
	}

	/** Takes the lines as they are now, the first ones as known; gives those that came. */
	take(
		items: readonly TimelineItem[],
		isMine: (item: TimelineItem) => boolean,
	): { readonly theirs: readonly string[]; readonly mine: readonly TimelineItem[] } {
		const known = this.#known;
		const added = known === null ? [] : items.filter(({ id }) => !known.has(id));
		if (known === null || added.length > 0) this.#known = new Set(items.map(({ id }) => id));
		const theirs = added.filter((item) => !isMine(item)).map(({ id }) => id);
		if (theirs.length > 0) {
			this.#fresh = new Set([...this.#fresh, ...theirs]);
			this.#waiting = new Set([...this.#waiting, ...theirs]);
		}
		return { theirs, mine: added.filter((item) => isMine(item)) };
	}

	/** These have been in view. */
	see(ids: readonly string[]): void {
		const left = [...this.#waiting].filter((id) => !ids.includes(id));
		if (left.length < this.#waiting.size) this.#waiting = new Set(left);
	}
}
