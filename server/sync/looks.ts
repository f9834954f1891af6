import type * as Y from 'yjs';
import { Refusal } from '#core/refusal.ts';
import type { HotDocument } from './hot.ts';

/** Somebody wants to look at the document between two turns. */
interface Look {
	readonly look: () => void;
	/** The room is over before it could be looked at. */
	readonly miss: () => void;
}

export interface LooksParts {
	readonly hot: HotDocument;
	/** Nobody looks any more. */
	readonly isOver: () => boolean;
	/** Hears when somebody waits. */
	readonly wake: () => void;
}

/** Who waits to look at a room's document: between turns nothing uncommitted is in it, but for an outage. */
export class Looks {
	readonly #parts: LooksParts;
	readonly #waiting: Look[] = [];

	constructor(parts: LooksParts) {
		this.#parts = parts;
	}

	get isEmpty(): boolean {
		return this.#waiting.length === 0;
	}

	/** Runs something between two turns, or `miss` if there is no further one. */
	add(look: () => void, miss: () => void = () => undefined): void {
		if (this.#parts.isOver()) return miss();
		this.#waiting.push({ look, miss });
		this.#parts.wake();
	}

	/** Gives what somebody sees in the document, after which turn. Throws a `Refusal` if the room ends before. */
	read<T>(look: (doc: Y.Doc, turn: number) => T): Promise<T> {
		const { hot } = this.#parts;
		const { promise, resolve, reject } = Promise.withResolvers<T>();
		this.add(
			() => {
				try {
					resolve(look(hot.doc, hot.turn));
				} catch (error) {
					reject(error);
				}
			},
			() => reject(new Refusal('unavailable', 'The incident is opened anew. Try again.')),
		);
		return promise;
	}

	/** All who wait look now. Where one fails those behind it still wait. */
	take(): void {
		for (let left = this.#waiting.length; left > 0; left--) this.#waiting.shift()?.look();
	}

	/** Whoever waits still hears that it was in vain. */
	giveUp(): void {
		for (const { miss } of this.#waiting.splice(0)) miss();
	}
}
