/** A history does not fit from a turn on; null where nobody can tell from which. */
export class Broken extends Error {
	readonly turn: number | null;

	constructor(turn: number | null, what: string) {
		super(what);
		this.turn = turn;
	}
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
	return Buffer.compare(a, b) === 0;
}
