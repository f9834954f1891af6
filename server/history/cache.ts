/**
 * The blocks of histories that go on no more, for as long as there is room: who reviews a closed incident
 * is seldom alone. What was asked for longest ago goes first.
 */
export class HistoryCache {
	readonly #kept = new Map<string, readonly Uint8Array[]>();
	readonly #mostBytes: number;
	#bytes = 0;

	constructor(mostBytes: number) {
		this.#mostBytes = mostBytes;
	}

	/** The blocks under a key, which names all that they depend on; made if they are not here. */
	async *of(key: string, make: () => AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
		const known = this.#kept.get(key);
		if (known) {
			this.#kept.delete(key);
			this.#kept.set(key, known);
			return yield* known;
		}
		let made: Uint8Array[] | null = [];
		let bytes = 0;
		for await (const block of make()) {
			bytes += block.length;
			made = bytes > this.#mostBytes ? null : made;
			made?.push(block);
			yield block;
		}
		if (made) this.#keep(key, made);
	}

	#keep(key: string, blocks: readonly Uint8Array[]): void {
		const size = sizeOf(blocks);
		if (this.#kept.has(key)) return;
		this.#kept.set(key, blocks);
		this.#bytes += size;
		for (const [oldest, others] of this.#kept) {
			if (this.#bytes <= this.#mostBytes) break;
			this.#kept.delete(oldest);
			this.#bytes -= sizeOf(others);
		}
	}
}

function sizeOf(blocks: readonly Uint8Array[]): number {
	return blocks.reduce((sum, { length }) => sum + length, 0);
}
