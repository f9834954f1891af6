/** Some units of one Yjs client, from a clock on. */
export interface Span {
	readonly client: number;
	readonly clock: number;
	readonly length: number;
}

/** A part of a stretch of clocks, wholly inside some spans or wholly outside. */
export interface Piece {
	/** Counted from the beginning of the stretch. */
	readonly from: number;
	readonly to: number;
	readonly isInside: boolean;
}

/** Units of Yjs clients, as a set. */
export class Spans {
	readonly #byClient = new Map<number, [from: number, to: number][]>();

	/** Adds some units; those that are in it already stay. */
	add({ client, clock, length }: Span): void {
		const ranges = this.#byClient.get(client) ?? [];
		const from = clock;
		const to = clock + length;
		const touching = ranges.filter((range) => range[0] <= to && from <= range[1]);
		const others = ranges.filter((range) => range[0] > to || from > range[1]);
		const joined: [number, number] = [
			Math.min(from, ...touching.map((range) => range[0])),
			Math.max(to, ...touching.map((range) => range[1])),
		];
		this.#byClient.set(
			client,
			[...others, joined].sort(([a], [b]) => a - b),
		);
	}

	has(client: number, clock: number): boolean {
		return this.#byClient.get(client)?.some(([from, to]) => from <= clock && clock < to) ?? false;
	}

	/** All units as few spans, in the order of clients and clocks. */
	list(): Span[] {
		return [...this.#byClient]
			.sort(([a], [b]) => a - b)
			.flatMap(([client, ranges]) =>
				ranges.map(([from, to]) => ({ client, clock: from, length: to - from })),
			);
	}

	/** Cuts a stretch where it enters and leaves these units; one piece if it does neither. */
	cut({ client, clock, length }: Span): Piece[] {
		const pieces: Piece[] = [];
		let at = 0;
		for (const [start, end] of this.#byClient.get(client) ?? []) {
			const from = Math.max(start - clock, at);
			const to = Math.min(end - clock, length);
			if (from >= to) continue;
			if (from > at) pieces.push({ from: at, to: from, isInside: false });
			pieces.push({ from, to, isInside: true });
			at = to;
		}
		if (at < length) pieces.push({ from: at, to: length, isInside: false });
		return pieces;
	}
}
